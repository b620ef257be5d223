/**
 * Messages as bytes: RaftMessage and ExchangeRequest in proto/windlass/lock/internal/v1/raft.proto,
 * byte for byte what generated code writes. By hand, because every entry passes here.
 *
 * What is malformed, or contradicts itself, is refused as a value, so that the engine may rely on a
 * message's form.
 */
import { fail, ok, type Result } from '@windlass/base';
import { type Message, type MessageDraft, MessageKind, newMessage } from './messages.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { bytesFieldSize, numberFieldSize, ProtobufWriter } from './protobuf-writer.ts';
import type { Entry } from './types.ts';
import { encodeSnapshotDescription, readSnapshotDescription } from './wire-configuration.ts';
import { encodedEntrySize, readEntry, writeEntry } from './wire-entry.ts';

/** What one node says to another after one turn of its event loop. */
export type Exchange = { readonly clusterId: number; readonly messages: readonly Message[] };

const messageKinds: readonly MessageKind[] = Object.values(MessageKind);

/** An ExchangeRequest. */
export function encodeMessages(clusterId: number, messages: readonly Message[]): Uint8Array {
  const sizes = messages.map(encodedMessageSize);
  let size = numberFieldSize(clusterId);
  for (const each of sizes) size += bytesFieldSize(each);
  const writer = new ProtobufWriter(size);
  writer.numberField(1, clusterId);
  for (let position = 0; position < messages.length; position += 1) {
    const message = messages[position];
    if (message === undefined) break;
    writer.head(2, sizes[position] ?? 0);
    writeMessage(writer, message);
  }
  return writer.finish();
}

/** An ExchangeRequest. Entries' data are views of the bytes, not copies. */
export function decodeMessages(bytes: Uint8Array): Result<Exchange, string> {
  const reader = new ProtobufReader(bytes);
  const messages: Message[] = [];
  let clusterId = 0;
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        clusterId = reader.number();
        break;
      case 2: {
        const outerEnd = reader.enter();
        messages.push(readMessage(reader));
        reader.leave(outerEnd);
        break;
      }
      default:
        reader.skip();
    }
  }
  return reader.failure === null ? ok({ clusterId, messages }) : fail(reader.failure);
}

/** One RaftMessage, as in the first piece of a snapshot. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new ProtobufWriter(encodedMessageSize(message));
  writeMessage(writer, message);
  return writer.finish();
}

export function decodeMessage(bytes: Uint8Array): Result<Message, string> {
  const reader = new ProtobufReader(bytes);
  const message = readMessage(reader);
  return reader.failure === null ? ok(message) : fail(reader.failure);
}

function encodedMessageSize(message: Message): number {
  let size =
    numberFieldSize(message.kind) +
    numberFieldSize(message.from) +
    numberFieldSize(message.to) +
    numberFieldSize(message.term) +
    numberFieldSize(message.index) +
    numberFieldSize(message.logTerm) +
    numberFieldSize(message.commit) +
    numberFieldSize(message.reject ? 1 : 0) +
    numberFieldSize(message.hintIndex) +
    numberFieldSize(message.hintTerm) +
    numberFieldSize(message.readSequence) +
    numberFieldSize(message.transfer ? 1 : 0);
  for (const entry of message.entries) size += bytesFieldSize(encodedEntrySize(entry));
  if (message.snapshot !== null) {
    size += bytesFieldSize(encodeSnapshotDescription(message.snapshot).length);
  }
  return size;
}

function writeMessage(writer: ProtobufWriter, message: Message): void {
  writer.numberField(1, message.kind);
  writer.numberField(2, message.from);
  writer.numberField(3, message.to);
  writer.numberField(4, message.term);
  writer.numberField(5, message.index);
  writer.numberField(6, message.logTerm);
  writer.numberField(7, message.commit);
  for (const entry of message.entries) {
    writer.head(8, encodedEntrySize(entry));
    writeEntry(writer, entry);
  }
  writer.booleanField(9, message.reject);
  writer.numberField(10, message.hintIndex);
  writer.numberField(11, message.hintTerm);
  writer.numberField(12, message.readSequence);
  writer.booleanField(13, message.transfer);
  if (message.snapshot !== null) {
    const snapshot = encodeSnapshotDescription(message.snapshot);
    writer.head(14, snapshot.length);
    writer.raw(snapshot);
  }
}

function readMessage(reader: ProtobufReader): Message {
  const message = newMessage(MessageKind.Heartbeat, 0, 0, 0);
  const entries: Entry[] = [];
  let kind = 0;
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        kind = reader.number();
        break;
      case 8: {
        const outerEnd = reader.enter();
        entries.push(readEntry(reader));
        reader.leave(outerEnd);
        break;
      }
      case 14: {
        const outerEnd = reader.enter();
        message.snapshot = readSnapshotDescription(reader);
        reader.leave(outerEnd);
        break;
      }
      default:
        readPlainField(reader, message);
    }
  }
  if (entries.length > 0) message.entries = entries;
  const known = messageKinds.find((each) => each === kind);
  if (known === undefined) reader.fail(`no message is of kind ${kind}`);
  else message.kind = known;
  if (reader.failure === null) checkForm(reader, message);
  return message;
}

function readPlainField(reader: ProtobufReader, message: MessageDraft): void {
  switch (reader.field) {
    case 2:
      message.from = reader.number();
      break;
    case 3:
      message.to = reader.number();
      break;
    case 4:
      message.term = reader.number();
      break;
    case 5:
      message.index = reader.number();
      break;
    case 6:
      message.logTerm = reader.number();
      break;
    case 7:
      message.commit = reader.number();
      break;
    case 9:
      message.reject = reader.boolean();
      break;
    case 10:
      message.hintIndex = reader.number();
      break;
    case 11:
      message.hintTerm = reader.number();
      break;
    case 12:
      message.readSequence = reader.number();
      break;
    case 13:
      message.transfer = reader.boolean();
      break;
    default:
      reader.skip();
  }
}

/** What the engine asserts of a log must not depend on who sent the bytes. */
function checkForm(reader: ProtobufReader, message: Message): void {
  if (message.from === 0 || message.to === 0) reader.fail('a message has a sender and a receiver');
  let { index, logTerm: term } = message;
  for (const entry of message.entries) {
    index += 1;
    if (entry.index !== index) reader.fail('entries follow one another');
    if (entry.term < term || entry.term > message.term) reader.fail('terms of entries rise');
    term = entry.term;
  }
  if (message.entries.length > 0 && message.kind !== MessageKind.Append) {
    reader.fail('only appends have entries');
  }
  if ((message.snapshot !== null) !== (message.kind === MessageKind.Snapshot)) {
    reader.fail('a snapshot is in a message of its kind');
  }
}
