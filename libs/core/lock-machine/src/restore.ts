/**
 * Reads a snapshot into a new state, chunk by chunk; where the chunks are cut doesn't matter. Bytes
 * that aren't what snapshot.ts wrote are refused: by their structure, their counts or their CRC.
 */
import { fail, ok, type Result, required } from '@windlass/base';
import { LockMode } from '@windlass/lock-wire';
import { keepAnswer } from './answers.ts';
import { ByteReader, BytesError, crc32 } from './bytes.ts';
import { byTicket } from './lists.ts';
import { crowdOf, Hold, Lock, linkHold, linkWaiter, type Session, Waiter } from './records.ts';
import {
  type HoldRecord,
  RecordKind,
  readAnswers,
  readEnd,
  readHeader,
  readHold,
  readSession,
  readWaiter,
  recordBytesMax,
  type WaiterRecord,
} from './snapshot-format.ts';
import type { State } from './state.ts';

/** Why a snapshot can't be restored. */
export type RestoreError =
  /** The bytes aren't those of a snapshot that was written to its end. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** The snapshot's behaviour isn't known to this program: it's too old. */
  | { readonly kind: 'unknown-version'; readonly version: number };

export class SnapshotReader {
  readonly #state: State;
  readonly #waiters = new Map<string, WaiterRecord[]>();
  #rest = new Uint8Array(0);
  #crc = 0;
  #phase: 'header' | 'body' | 'end' = 'header';
  #waiterCount = 0;
  #error: RestoreError | null = null;

  constructor(state: State) {
    this.#state = state;
  }

  /** Takes the next bytes; what is wrong with them is told by finish(). */
  push(chunk: Uint8Array): void {
    if (this.#error !== null) return;
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    this.#attempt(() => {
      const end = this.#readRecords(bytes);
      this.#rest = bytes.slice(end);
    });
  }

  finish(): Result<State, RestoreError> {
    this.#attempt(() => {
      if (this.#phase !== 'end' || this.#rest.length > 0) throw new BytesError('ends early');
      this.#linkWaiters();
    });
    return this.#error === null ? ok(this.#state) : fail(this.#error);
  }

  #attempt(read: () => void): void {
    if (this.#error !== null) return;
    try {
      read();
    } catch (error) {
      if (!(error instanceof BytesError)) throw error;
      this.#error = { kind: 'damaged', message: `the snapshot ${error.message}` };
    }
  }

  /** Reads the records that are complete, and returns where the first incomplete one begins. */
  #readRecords(bytes: Uint8Array): number {
    let start = 0;
    while (this.#error === null) {
      const end = recordEnd(bytes, start);
      if (end === null) break;
      const record = bytes.subarray(start, end);
      this.#readRecord(record);
      this.#crc = crc32(record, this.#crc);
      start = end;
    }
    return start;
  }

  #readRecord(record: Uint8Array): void {
    const reader = new ByteReader(record);
    reader.number();
    const kind = reader.byte();
    const isHeader = kind === RecordKind.Header;
    if (this.#phase === 'end' || isHeader !== (this.#phase === 'header')) {
      throw new BytesError(`has a record of kind ${kind} out of place`);
    }
    switch (kind) {
      case RecordKind.Header:
        this.#addHeader(reader);
        break;
      case RecordKind.Session:
        this.#addSession(readSession(reader));
        break;
      case RecordKind.Answers:
        this.#addAnswers(reader);
        break;
      case RecordKind.Hold:
        this.#addHold(readHold(reader));
        break;
      case RecordKind.Waiter:
        this.#addWaiter(readWaiter(reader));
        break;
      case RecordKind.End:
        this.#checkEnd(reader);
        break;
      default:
        throw new BytesError(`has a record of the unknown kind ${kind}`);
    }
    if (reader.left > 0) throw new BytesError('has a record that is too long');
  }

  #addHeader(reader: ByteReader): void {
    const header = readHeader(reader);
    const state = this.#state;
    this.#phase = 'body';
    if (!state.versions.has(header.version)) {
      this.#error = { kind: 'unknown-version', version: header.version };
      return;
    }
    state.appliedIndex = header.index;
    state.lastToken = header.lastToken;
    state.lastTicket = header.lastTicket;
    state.limits = header.limits;
    state.setVersion(header.version);
  }

  #addSession(session: Session): void {
    const { sessions } = this.#state;
    if (sessions.get(session.id) !== undefined) throw new BytesError('has a session twice');
    sessions.add(session.id, session);
  }

  #addAnswers(reader: ByteReader): void {
    const { sessionId, answers } = readAnswers(reader);
    const session = this.#session(sessionId);
    for (const answer of answers) keepAnswer(session, answer);
  }

  #addHold(record: HoldRecord): void {
    const { key, mode, token, sequence, permits, metadata } = record;
    const state = this.#state;
    let lock = state.locks.get(key);
    if (lock === undefined) {
      lock = new Lock(key, mode);
      state.locks.add(key, lock);
    } else if (lock.mode !== mode || mode === LockMode.Exclusive) {
      throw new BytesError('has two holders that exclude one another');
    }
    if (mode !== LockMode.Exclusive) {
      const crowd = crowdOf(lock);
      crowd.limit = record.limit;
      crowd.lastExclusiveToken = record.lastExclusiveToken;
    }
    const session = this.#session(record.sessionId);
    const hold = new Hold(lock, session, token, sequence, permits, metadata, 0);
    hold.holdCount = record.holdCount;
    linkHold(hold);
    state.holdCount += 1;
  }

  #addWaiter(record: WaiterRecord): void {
    const queue = this.#waiters.get(record.key);
    if (queue === undefined) this.#waiters.set(record.key, [record]);
    else queue.push(record);
    this.#waiterCount += 1;
  }

  #checkEnd(reader: ByteReader): void {
    const { totals, crc } = readEnd(reader);
    const { sessions, holdCount } = this.#state;
    this.#phase = 'end';
    if (crc !== this.#crc) throw new BytesError('has another checksum than was written');
    const same =
      totals.sessions === sessions.size &&
      totals.holds === holdCount &&
      totals.waiters === this.#waiterCount;
    if (!same) throw new BytesError('has other counts than were written');
  }

  /** In the order of their tickets; the snapshot has them in any order. */
  #linkWaiters(): void {
    for (const [key, records] of this.#waiters) {
      const lock = this.#state.locks.get(key);
      if (lock === undefined) throw new BytesError('has a queue that nobody holds');
      const waiters = records.map(
        (record) => new Waiter(lock, this.#session(record.sessionId), record.ticket, record, 0),
      );
      for (const waiter of byTicket(waiters)) {
        linkWaiter(waiter);
        keepAnswer(waiter.session, waiter);
        this.#state.waiterCount += 1;
      }
    }
    this.#waiters.clear();
  }

  #session(id: number): Session {
    const session = this.#state.sessions.get(id);
    if (session === undefined) throw new BytesError('names a session that it does not have');
    return session;
  }
}

/** Where the record that begins at `start` ends; null where some of it is missing. */
function recordEnd(bytes: Uint8Array, start: number): number | null {
  let length = 0;
  let scale = 1;
  for (let offset = start; offset < bytes.length; offset += 1) {
    const byte = required(bytes[offset], 'the byte');
    length += (byte & 0x7f) * scale;
    scale *= 128;
    if (length > recordBytesMax || scale > 2 ** 28) {
      throw new BytesError('has a record that is too long');
    }
    if (byte >= 0x80) continue;
    const end = offset + 1 + length;
    return end <= bytes.length ? end : null;
  }
  return null;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
