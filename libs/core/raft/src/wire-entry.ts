/**
 * Entries as bytes, in the log on disk and in messages: Entry in
 * proto/windlass/lock/internal/v1/raft.proto.
 *
 * Next: wire-message.ts.
 */
import { fail, ok, type Result } from '@windlass/base';
import { ProtobufReader } from './protobuf-reader.ts';
import { bytesFieldSize, numberFieldSize, ProtobufWriter } from './protobuf-writer.ts';
import { type Entry, EntryKind } from './types.ts';
import { decodeConfiguration } from './wire-configuration.ts';

const noData = new Uint8Array(0);

export function encodeEntry(entry: Entry): Uint8Array {
  const writer = new ProtobufWriter(encodedEntrySize(entry));
  writeEntry(writer, entry);
  return writer.finish();
}

/** The data is a view of the bytes, not a copy. */
export function decodeEntry(bytes: Uint8Array): Result<Entry, string> {
  const reader = new ProtobufReader(bytes);
  const entry = readEntry(reader);
  return reader.failure === null ? ok(entry) : fail(reader.failure);
}

export function encodedEntrySize(entry: Entry): number {
  const { length } = entry.data;
  return (
    numberFieldSize(entry.index) +
    numberFieldSize(entry.term) +
    numberFieldSize(entry.kind) +
    (length === 0 ? 0 : bytesFieldSize(length))
  );
}

export function writeEntry(writer: ProtobufWriter, entry: Entry): void {
  writer.numberField(1, entry.index);
  writer.numberField(2, entry.term);
  writer.numberField(3, entry.kind);
  if (entry.data.length === 0) return;
  writer.head(4, entry.data.length);
  writer.raw(entry.data);
}

/** Up to the reader's end. A configuration inside is checked too: the engine relies on it. */
export function readEntry(reader: ProtobufReader): Entry {
  let index = 0;
  let term = 0;
  let kind: EntryKind = EntryKind.Empty;
  let data: Uint8Array = noData;
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        index = reader.number();
        break;
      case 2:
        term = reader.number();
        break;
      case 3:
        kind = readKind(reader);
        break;
      case 4:
        data = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
  if (reader.failure === null && kind === EntryKind.Configuration) {
    const decoded = decodeConfiguration(data);
    if (!decoded.ok) reader.fail(decoded.error);
  }
  return { index, term, kind, data };
}

function readKind(reader: ProtobufReader): EntryKind {
  const kind = reader.number();
  if (kind === EntryKind.Empty || kind === EntryKind.Command || kind === EntryKind.Configuration) {
    return kind;
  }
  reader.fail(`no entry is of kind ${kind}`);
  return EntryKind.Empty;
}
