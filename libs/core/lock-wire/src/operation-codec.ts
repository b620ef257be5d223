/** windlass.lock.v1.Operation, inside a frame and inside a command. */
import { unreachable } from '@windlass/base';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { LockMode, LockScope, type Operation, OperationKind } from './types.ts';

const fieldMax = 6;
const acquireFieldMax = 7;
const releaseFieldMax = 3;
const cancelFieldMax = 1;
const setMetadataFieldMax = 3;

const noMetadata = new Uint8Array(0);

/** An operation that is being read. Its numbers may be ones that this version doesn't know. */
export type OperationDraft = {
  kind: number;
  sequence: number;
  key: string;
  mode: number;
  permits: number;
  limit: number;
  waitMs: number;
  token: number;
  metadata: Uint8Array;
  scope: number;
};

/** @param tag of the field that holds the operation */
export function writeOperation(writer: ByteWriter, tag: number, operation: Operation): void {
  const start = writer.begin(tag);
  writer.integer(0x08, operation.sequence);
  const kindStart = writer.begin((operation.kind << 3) | 2);
  switch (operation.kind) {
    case OperationKind.Acquire:
      writeAcquire(writer, operation);
      break;
    case OperationKind.Release:
      writer.text(0x0a, operation.key);
      writer.integer(0x10, operation.token);
      writer.uint32(0x18, operation.scope);
      break;
    case OperationKind.Cancel:
      writer.integer(0x08, operation.token);
      break;
    case OperationKind.SetMetadata:
      writer.text(0x0a, operation.key);
      writer.integer(0x10, operation.token);
      writer.blob(0x1a, operation.metadata);
      break;
    case OperationKind.Close:
      break;
    default:
      unreachable(operation.kind);
  }
  writer.end(kindStart);
  writer.end(start);
}

function writeAcquire(writer: ByteWriter, operation: Operation): void {
  writer.text(0x0a, operation.key);
  writer.uint32(0x10, operation.mode);
  writer.uint32(0x18, operation.permits);
  writer.uint32(0x20, operation.limit);
  writer.uint32(0x28, operation.waitMs);
  writer.blob(0x32, operation.metadata);
  writer.uint32(0x38, operation.scope);
}

export function newOperationDraft(): OperationDraft {
  return {
    kind: 0,
    sequence: 0,
    key: '',
    mode: LockMode.Exclusive,
    permits: 0,
    limit: 0,
    waitMs: 0,
    token: 0,
    metadata: noMetadata,
    scope: LockScope.Regional,
  };
}

/**
 * Reads the message that begins at the reader into the draft. Read twice into the same draft, fields
 * merge as protobuf says; a second kind takes the place of the first.
 */
export function readOperation(reader: ByteReader, draft: OperationDraft): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 0x08:
        draft.sequence = reader.integer();
        break;
      case 0x12:
        become(draft, OperationKind.Acquire);
        readAcquire(reader, draft);
        break;
      case 0x1a:
        become(draft, OperationKind.Release);
        readRelease(reader, draft);
        break;
      case 0x22:
        become(draft, OperationKind.Cancel);
        readCancel(reader, draft);
        break;
      case 0x2a:
        become(draft, OperationKind.SetMetadata);
        readSetMetadata(reader, draft);
        break;
      case 0x32:
        become(draft, OperationKind.Close);
        readClose(reader);
        break;
      default:
        reader.skip(tag, fieldMax);
    }
  }
  reader.leave(outer);
  // "0 is taken for 1": settled here, so that nobody else needs to know.
  if (draft.mode === LockMode.Semaphore && draft.permits === 0) draft.permits = 1;
}

function become(draft: OperationDraft, kind: OperationKind): void {
  if (draft.kind === kind) return;
  const { sequence } = draft;
  if (draft.kind !== 0) Object.assign(draft, newOperationDraft(), { sequence });
  draft.kind = kind;
}

function readAcquire(reader: ByteReader, draft: OperationDraft): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        draft.key = reader.text();
        break;
      case 0x10:
        draft.mode = reader.uint32() || LockMode.Exclusive;
        break;
      case 0x18:
        draft.permits = reader.uint32();
        break;
      case 0x20:
        draft.limit = reader.uint32();
        break;
      case 0x28:
        draft.waitMs = reader.uint32();
        break;
      case 0x32:
        draft.metadata = reader.blob();
        break;
      case 0x38:
        draft.scope = reader.uint32() || LockScope.Regional;
        break;
      default:
        reader.skip(tag, acquireFieldMax);
    }
  }
  reader.leave(outer);
}

function readRelease(reader: ByteReader, draft: OperationDraft): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x0a) draft.key = reader.text();
    else if (tag === 0x10) draft.token = reader.integer();
    else if (tag === 0x18) draft.scope = reader.uint32() || LockScope.Regional;
    else reader.skip(tag, releaseFieldMax);
  }
  reader.leave(outer);
}

function readCancel(reader: ByteReader, draft: OperationDraft): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x08) draft.token = reader.integer();
    else reader.skip(tag, cancelFieldMax);
  }
  reader.leave(outer);
}

function readSetMetadata(reader: ByteReader, draft: OperationDraft): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x0a) draft.key = reader.text();
    else if (tag === 0x10) draft.token = reader.integer();
    else if (tag === 0x1a) draft.metadata = reader.blob();
    else reader.skip(tag, setMetadataFieldMax);
  }
  reader.leave(outer);
}

function readClose(reader: ByteReader): void {
  const outer = reader.enter();
  while (reader.more()) reader.skip(reader.tag(), 0);
  reader.leave(outer);
}
