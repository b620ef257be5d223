/**
 * The payload of a record.
 *
 * | offset | bytes |                                                              |
 * | 0      | 4     | 1: a hard state follows; 0: none                             |
 * | 4      | 4     | count of entries                                             |
 * | 8      | 8     | index of the first entry, or 0                               |
 * | 16     | 8 + 8 | Install only: index and term of the snapshot                 |
 * |        | 3 × 8 | hard state: term, vote, commit                               |
 * |        |       | each entry: term 8, bytes of data 4, kind 1, 0 0 0, the data |
 */
import { assert } from '@windlass/base';
import type { Entry, EntryKind, HardState } from '@windlass/raft';
import { firstSlabBytes, slabBytes } from './limits.ts';
import { readUint64, writeUint64 } from './numbers.ts';
import { RecordKind } from './record.ts';
import type { LogPlace } from './segment-header.ts';

const fixedBytes = 16;
const placeBytes = 16;
const hardStateBytes = 24;
const entryHeaderBytes = 16;

export type RecordContent = {
  /** Where the log begins anew: makes it an Install record. */
  readonly install: LogPlace | null;
  readonly hardState: HardState | null;
  readonly entries: readonly Entry[];
};

/** Bytes of a payload without its entries. */
export function payloadBaseBytes(content: Pick<RecordContent, 'install' | 'hardState'>): number {
  return (
    fixedBytes +
    (content.install === null ? 0 : placeBytes) +
    (content.hardState === null ? 0 : hardStateBytes)
  );
}

export function entryBytes(entry: Entry): number {
  return entryHeaderBytes + entry.data.length;
}

/** Writes the payload of entries[from, to) at a place that is large enough. Gives its end. */
export function encodePayload(
  bytes: Buffer,
  start: number,
  content: RecordContent,
  from: number,
  to: number,
): number {
  const { install, hardState, entries } = content;
  bytes.writeUInt32LE(hardState === null ? 0 : 1, start);
  bytes.writeUInt32LE(to - from, start + 4);
  writeUint64(bytes, from < to ? (entries[from]?.index ?? 0) : 0, start + 8);
  let at = start + fixedBytes;
  if (install !== null) {
    writeUint64(bytes, install.index, at);
    writeUint64(bytes, install.term, at + 8);
    at += placeBytes;
  }
  if (hardState !== null) {
    writeUint64(bytes, hardState.term, at);
    writeUint64(bytes, hardState.votedFor, at + 8);
    writeUint64(bytes, hardState.commit, at + 16);
    at += hardStateBytes;
  }
  for (let place = from; place < to; place += 1) {
    const entry = entries[place];
    assert(entry !== undefined, 'the batch has no holes');
    writeUint64(bytes, entry.term, at);
    bytes.writeUInt32LE(entry.data.length, at + 8);
    bytes.writeUInt32LE(entry.kind, at + 12);
    bytes.set(entry.data, at + entryHeaderBytes);
    at += entryHeaderBytes + entry.data.length;
  }
  return at;
}

/** Keeps what entries hold in blocks of their own, so that a segment's buffer can be reused. */
export class Slabs {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** A copy of bytes[start, end). */
  keep(bytes: Buffer, start: number, end: number): Buffer {
    const length = end - start;
    if (this.#used + length > this.#slab.length) {
      const blockBytes = Math.min(slabBytes, Math.max(firstSlabBytes, 2 * this.#slab.length));
      this.#slab = Buffer.allocUnsafeSlow(Math.max(blockBytes, length));
      this.#used = 0;
    }
    const copy = this.#slab.subarray(this.#used, this.#used + length);
    bytes.copy(copy, 0, start, end);
    this.#used += length;
    return copy;
  }
}

/** Reads a payload whose checksum holds; entries share its memory. Null where it makes no sense. */
export function decodePayload(payload: Buffer, kind: RecordKind): RecordContent | null {
  const base = {
    install: kind === RecordKind.Install ? { index: 0, term: 0 } : null,
    hardState: null,
  };
  if (payload.length < payloadBaseBytes(base)) return null;
  const flags = payload.readUInt32LE(0);
  const count = payload.readUInt32LE(4);
  const firstIndex = readUint64(payload, 8);
  let at = fixedBytes;
  let install: LogPlace | null = null;
  if (kind === RecordKind.Install) {
    install = { index: readUint64(payload, at), term: readUint64(payload, at + 8) };
    at += placeBytes;
  }
  let hardState: HardState | null = null;
  if (flags === 1) {
    if (payload.length < at + hardStateBytes) return null;
    hardState = {
      term: readUint64(payload, at),
      votedFor: readUint64(payload, at + 8),
      commit: readUint64(payload, at + 16),
    };
    at += hardStateBytes;
  } else if (flags !== 0) return null;
  const entries = decodeEntries(payload, at, firstIndex, count);
  return entries === null ? null : { install, hardState, entries };
}

function decodeEntries(
  payload: Buffer,
  start: number,
  firstIndex: number,
  count: number,
): Entry[] | null {
  const entries: Entry[] = [];
  let at = start;
  for (let place = 0; place < count; place += 1) {
    if (at + entryHeaderBytes > payload.length) return null;
    const dataAt = at + entryHeaderBytes;
    const dataBytes = payload.readUInt32LE(at + 8);
    const kind = payload.readUInt32LE(at + 12);
    if (!isEntryKind(kind) || dataAt + dataBytes > payload.length) return null;
    entries.push({
      index: firstIndex + place,
      term: readUint64(payload, at),
      kind,
      data: new Uint8Array(payload.buffer, payload.byteOffset + dataAt, dataBytes),
    });
    at = dataAt + dataBytes;
  }
  return at === payload.length ? entries : null;
}

function isEntryKind(kind: number): kind is EntryKind {
  return kind === 0 || kind === 1 || kind === 2;
}
