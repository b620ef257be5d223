/**
 * What a snapshot consists of: records behind their length in bytes (snapshot.ts writes them,
 * restore.ts reads them). The header comes first, then all sessions, each with its kept answers
 * behind it, then holds and waiters in any order, and the end with counts and the CRC-32 of all
 * bytes before it. What can be told from the rest (lists, counts, the acquires that wait) isn't
 * written.
 */
import {
  LockCode,
  type LockLimits,
  type LockMode,
  type OperationResult,
} from '@windlass/lock-wire';
import { type ByteReader, BytesError, type ByteWriter } from './bytes.ts';
import { type Hold, lastExclusiveTokenOf, Session, type Waiter } from './records.ts';

export const formatVersion = 1;

export const RecordKind = {
  Header: 1,
  Session: 2,
  Answers: 3,
  Hold: 4,
  Waiter: 5,
  End: 6,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** Answers in one record, so that none is large: about 30 bytes each. */
export const answersPerRecordMax = 1_000;

/** Several times the largest record: a key and metadata as large as the protocol allows, or answers. */
export const recordBytesMax = 1 << 20;

export type Header = {
  readonly index: number;
  readonly lastToken: number;
  readonly lastTicket: number;
  readonly version: number;
  readonly limits: LockLimits;
};

export function writeHeader(writer: ByteWriter, header: Header): void {
  const { limits } = header;
  writer.byte(RecordKind.Header);
  writer.text('windlass-locks');
  writer.number(formatVersion);
  writer.number(header.index);
  writer.number(header.lastToken);
  writer.number(header.lastTicket);
  writer.number(header.version);
  writer.number(limits.sessionsMax);
  writer.number(limits.locksMax);
  writer.number(limits.waitersPerLockMax);
  writer.number(limits.holdsPerSessionMax);
  writer.number(limits.unacknowledgedPerSessionMax);
}

export function readHeader(reader: ByteReader): Header {
  if (reader.text() !== 'windlass-locks') throw new BytesError('is no snapshot of locks');
  const format = reader.number();
  if (format !== formatVersion) throw new BytesError(`has the unknown format ${format}`);
  return {
    index: reader.number(),
    lastToken: reader.number(),
    lastTicket: reader.number(),
    version: reader.number(),
    limits: {
      sessionsMax: reader.number(),
      locksMax: reader.number(),
      waitersPerLockMax: reader.number(),
      holdsPerSessionMax: reader.number(),
      unacknowledgedPerSessionMax: reader.number(),
    },
  };
}

export function writeSession(writer: ByteWriter, session: Session): void {
  writer.byte(RecordKind.Session);
  writer.number(session.id);
  writer.number(session.ttlMs);
  writer.text(session.clientName);
  writer.number(session.remainingMs + 1);
  writer.number(session.lastIndex);
  writer.number(session.lastSequence);
  writer.number(session.acknowledged);
}

export function readSession(reader: ByteReader): Session {
  const id = reader.number();
  const ttlMs = reader.number();
  const clientName = reader.text();
  const remainingMs = reader.number() - 1;
  const session = new Session(id, ttlMs, clientName, reader.number(), 0);
  session.remainingMs = remainingMs;
  session.lastSequence = reader.number();
  session.acknowledged = reader.number();
  return session;
}

/** @param answers at most answersPerRecordMax, of one session, by rising sequence */
export function writeAnswers(
  writer: ByteWriter,
  sessionId: number,
  answers: readonly OperationResult[],
): void {
  writer.byte(RecordKind.Answers);
  writer.number(sessionId);
  for (const answer of answers) {
    writer.number(answer.sequence);
    writer.byte(answer.code);
    writer.number(answer.token);
    writer.number(answer.lastExclusiveToken);
    writer.number(answer.holdCount);
    writer.text(answer.message);
  }
}

export function readAnswers(reader: ByteReader): {
  readonly sessionId: number;
  readonly answers: readonly OperationResult[];
} {
  const sessionId = reader.number();
  const answers: OperationResult[] = [];
  while (reader.left > 0) {
    answers.push({
      sequence: reader.number(),
      code: readCode(reader),
      token: reader.number(),
      lastExclusiveToken: reader.number(),
      holdCount: reader.number(),
      position: 0,
      message: reader.text(),
    });
  }
  return { sessionId, answers };
}

export type HoldRecord = {
  readonly key: string;
  readonly sessionId: number;
  readonly mode: LockMode;
  readonly limit: number;
  readonly lastExclusiveToken: number;
  readonly token: number;
  readonly sequence: number;
  readonly permits: number;
  readonly holdCount: number;
  readonly metadata: Uint8Array;
};

export function writeHold(writer: ByteWriter, hold: Hold): void {
  const { lock } = hold;
  writer.byte(RecordKind.Hold);
  writer.text(lock.key);
  writer.number(hold.session.id);
  writer.byte(lock.mode);
  writer.number(lock.crowd === null ? 0 : lock.crowd.limit);
  writer.number(lastExclusiveTokenOf(lock));
  writer.number(hold.token);
  writer.number(hold.sequence);
  writer.number(hold.permits);
  writer.number(hold.holdCount);
  writer.bytes(hold.metadata);
}

export function readHold(reader: ByteReader): HoldRecord {
  return {
    key: reader.text(),
    sessionId: reader.number(),
    mode: readMode(reader),
    limit: reader.number(),
    lastExclusiveToken: reader.number(),
    token: reader.number(),
    sequence: reader.number(),
    permits: reader.number(),
    holdCount: reader.number(),
    metadata: reader.bytes(),
  };
}

export type WaiterRecord = {
  readonly key: string;
  readonly sessionId: number;
  readonly ticket: number;
  readonly sequence: number;
  readonly mode: LockMode;
  readonly permits: number;
  readonly limit: number;
  readonly metadata: Uint8Array;
};

export function writeWaiter(writer: ByteWriter, waiter: Waiter): void {
  writer.byte(RecordKind.Waiter);
  writer.text(waiter.lock.key);
  writer.number(waiter.session.id);
  writer.number(waiter.ticket);
  writer.number(waiter.sequence);
  writer.byte(waiter.mode);
  writer.number(waiter.permits);
  writer.number(waiter.limit);
  writer.bytes(waiter.metadata);
}

export function readWaiter(reader: ByteReader): WaiterRecord {
  return {
    key: reader.text(),
    sessionId: reader.number(),
    ticket: reader.number(),
    sequence: reader.number(),
    mode: readMode(reader),
    permits: reader.number(),
    limit: reader.number(),
    metadata: reader.bytes(),
  };
}

/** Sessions, holds and waiters. */
export type Totals = {
  readonly sessions: number;
  readonly holds: number;
  readonly waiters: number;
};

export function writeEnd(writer: ByteWriter, totals: Totals, crc: number): void {
  writer.byte(RecordKind.End);
  writer.number(totals.sessions);
  writer.number(totals.holds);
  writer.number(totals.waiters);
  writer.fixed32(crc);
}

export function readEnd(reader: ByteReader): { readonly totals: Totals; readonly crc: number } {
  const sessions = reader.number();
  const holds = reader.number();
  const waiters = reader.number();
  return { totals: { sessions, holds, waiters }, crc: reader.fixed32() };
}

function readMode(reader: ByteReader): LockMode {
  const mode = reader.byte();
  if (mode === 1 || mode === 2 || mode === 3) return mode;
  throw new BytesError(`has the unknown mode ${mode}`);
}

const codes: ReadonlySet<number> = new Set(Object.values(LockCode));

function readCode(reader: ByteReader): LockCode {
  const code = reader.byte();
  if (isCode(code)) return code;
  throw new BytesError(`has the unknown code ${code}`);
}

function isCode(code: number): code is LockCode {
  return codes.has(code);
}
