/** windlass.lock.v1.SessionResponse: one frame of the lock manager. */
import type { Result } from '@windlass/base';
import { ByteReader, type WireError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Draft } from './draft.ts';
import { isLockCode } from './known-numbers.ts';
import {
  LockCode,
  type OperationResult,
  type Revocation,
  type SessionResponseFrame,
  type Welcome,
} from './types.ts';

const fieldMax = 5;
const welcomeFieldMax = 4;
const resultFieldMax = 7;
const revocationFieldMax = 3;
const redirectFieldMax = 1;

const writer = new ByteWriter();

export function encodeSessionResponse(frame: SessionResponseFrame): Uint8Array {
  writer.reset();
  if (frame.welcome !== null) writeWelcome(frame.welcome);
  for (const result of frame.results) writeResult(result);
  writer.integer(0x18, frame.renewedFrame);
  for (const { key, token, code } of frame.revocations) {
    const start = writer.begin(0x22);
    writer.text(0x0a, key);
    writer.integer(0x10, token);
    writer.uint32(0x18, code);
    writer.end(start);
  }
  if (frame.redirect !== null) {
    const start = writer.begin(0x2a);
    writer.text(0x0a, frame.redirect);
    writer.end(start);
  }
  return writer.finish();
}

function writeWelcome(welcome: Welcome): void {
  const start = writer.begin(0x0a);
  writer.integer(0x08, welcome.sessionId);
  writer.uint32(0x10, welcome.ttlMs);
  writer.integer(0x18, welcome.lastSequence);
  writer.text(0x22, welcome.region);
  writer.end(start);
}

function writeResult(result: OperationResult): void {
  const start = writer.begin(0x12);
  writer.integer(0x08, result.sequence);
  writer.uint32(0x10, result.code);
  writer.integer(0x18, result.token);
  writer.integer(0x20, result.lastExclusiveToken);
  writer.uint32(0x28, result.holdCount);
  writer.uint32(0x30, result.position);
  writer.text(0x3a, result.message);
  writer.end(start);
}

/**
 * A code that this version doesn't know, of a newer node, is read as Unimplemented: how the
 * operation ended can't be told, but nothing was granted that the caller could rely on.
 */
export function decodeSessionResponse(bytes: Uint8Array): Result<SessionResponseFrame, WireError> {
  const reader = new ByteReader(bytes);
  const results: OperationResult[] = [];
  const revocations: Revocation[] = [];
  let welcome: Draft<Welcome> | null = null;
  let renewedFrame = 0;
  let redirect: string | null = null;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        welcome ??= { sessionId: 0, ttlMs: 0, lastSequence: 0, region: '' };
        readWelcome(reader, welcome);
        break;
      case 0x12:
        results.push(readResult(reader));
        break;
      case 0x18:
        renewedFrame = reader.integer();
        break;
      case 0x22:
        revocations.push(readRevocation(reader));
        break;
      case 0x2a:
        redirect = readRedirect(reader, redirect ?? '');
        break;
      default:
        reader.skip(tag, fieldMax);
    }
  }
  return reader.result({ welcome, results, renewedFrame, revocations, redirect });
}

function readWelcome(reader: ByteReader, welcome: Draft<Welcome>): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x08) welcome.sessionId = reader.integer();
    else if (tag === 0x10) welcome.ttlMs = reader.uint32();
    else if (tag === 0x18) welcome.lastSequence = reader.integer();
    else if (tag === 0x22) welcome.region = reader.text();
    else reader.skip(tag, welcomeFieldMax);
  }
  reader.leave(outer);
}

function readResult(reader: ByteReader): OperationResult {
  const result: Draft<OperationResult> = {
    sequence: 0,
    code: LockCode.Ok,
    token: 0,
    lastExclusiveToken: 0,
    holdCount: 0,
    position: 0,
    message: '',
  };
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 0x08:
        result.sequence = reader.integer();
        break;
      case 0x10:
        result.code = knownCode(reader.uint32());
        break;
      case 0x18:
        result.token = reader.integer();
        break;
      case 0x20:
        result.lastExclusiveToken = reader.integer();
        break;
      case 0x28:
        result.holdCount = reader.uint32();
        break;
      case 0x30:
        result.position = reader.uint32();
        break;
      case 0x3a:
        result.message = reader.text();
        break;
      default:
        reader.skip(tag, resultFieldMax);
    }
  }
  reader.leave(outer);
  return result;
}

function readRevocation(reader: ByteReader): Revocation {
  const revocation: Draft<Revocation> = { key: '', token: 0, code: LockCode.Ok };
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x0a) revocation.key = reader.text();
    else if (tag === 0x10) revocation.token = reader.integer();
    else if (tag === 0x18) revocation.code = knownCode(reader.uint32());
    else reader.skip(tag, revocationFieldMax);
  }
  reader.leave(outer);
  return revocation;
}

function readRedirect(reader: ByteReader, before: string): string {
  let address = before;
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x0a) address = reader.text();
    else reader.skip(tag, redirectFieldMax);
  }
  reader.leave(outer);
  return address;
}

function knownCode(code: number): LockCode {
  return isLockCode(code) ? code : LockCode.Unimplemented;
}
