/** windlass.lock.v1.SessionRequest: one frame of a client. */
import { fail, type Result } from '@windlass/base';
import { frameBytesMax, operationsPerFrameMax } from './bounds.ts';
import { ByteReader, type WireError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Draft } from './draft.ts';
import {
  newOperationDraft,
  type OperationDraft,
  readOperation,
  writeOperation,
} from './operation-codec.ts';
import type { Hello, Operation, SessionRequestFrame } from './types.ts';

const fieldMax = 4;
const helloFieldMax = 3;

const writer = new ByteWriter();

export function encodeSessionRequest(frame: SessionRequestFrame): Uint8Array {
  writer.reset();
  if (frame.hello !== null) {
    const start = writer.begin(0x0a);
    writer.integer(0x08, frame.hello.sessionId);
    writer.uint32(0x10, frame.hello.ttlMs);
    writer.text(0x1a, frame.hello.clientName);
    writer.end(start);
  }
  for (const operation of frame.operations) writeOperation(writer, 0x12, operation);
  writer.integer(0x18, frame.acknowledgedSequence);
  writer.integer(0x20, frame.frame);
  return writer.finish();
}

/**
 * Kind, mode and scope of an operation are as they came, 0 where an operation has no kind that this
 * version knows: call validateOperation before anything else, so that one operation of a newer
 * client is refused and not its whole stream.
 */
export function decodeSessionRequest(bytes: Uint8Array): Result<SessionRequestFrame, WireError> {
  if (bytes.length > frameBytesMax) {
    return fail({ message: `a frame has at most ${frameBytesMax} bytes`, offset: frameBytesMax });
  }
  const reader = new ByteReader(bytes);
  const operations: OperationDraft[] = [];
  let hello: Draft<Hello> | null = null;
  let acknowledgedSequence = 0;
  let frame = 0;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        hello ??= { sessionId: 0, ttlMs: 0, clientName: '' };
        readHello(reader, hello);
        break;
      case 0x12: {
        if (operations.length === operationsPerFrameMax) {
          reader.refuse(`a frame has at most ${operationsPerFrameMax} operations`);
          break;
        }
        const operation = newOperationDraft();
        readOperation(reader, operation);
        operations.push(operation);
        break;
      }
      case 0x18:
        acknowledgedSequence = reader.integer();
        break;
      case 0x20:
        frame = reader.integer();
        break;
      default:
        reader.skip(tag, fieldMax);
    }
  }
  return reader.result({ hello, operations: asSent(operations), acknowledgedSequence, frame });
}

function readHello(reader: ByteReader, hello: Draft<Hello>): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x08) hello.sessionId = reader.integer();
    else if (tag === 0x10) hello.ttlMs = reader.uint32();
    else if (tag === 0x1a) hello.clientName = reader.text();
    else reader.skip(tag, helloFieldMax);
  }
  reader.leave(outer);
}

function asSent(operations: readonly OperationDraft[]): readonly Operation[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- validateOperation is the guard
  return operations as readonly Operation[];
}
