/**
 * Writes the state as it was at one log index, piece by piece, while the machine goes on. A record
 * that is about to change before its turn is written at that moment and marked with the epoch of
 * this snapshot; a record that comes into being later bears the epoch from the start. Either way
 * it's passed over when its turn comes. The work in a piece, or before a change, is bound by bytes
 * and by one part of the table.
 */
import { assert } from '@windlass/base';
import type { OperationResult } from '@windlass/lock-wire';
import { ByteWriter, crc32 } from './bytes.ts';
import { type Hold, headOf, type Session, Waiter } from './records.ts';
import {
  answersPerRecordMax,
  type Totals,
  writeAnswers,
  writeEnd,
  writeHeader,
  writeHold,
  writeSession,
  writeWaiter,
} from './snapshot-format.ts';
import type { Capture, State } from './state.ts';
import type { MachineSnapshot } from './types.ts';

/** What was written before its turn is put aside in pieces of this size. */
const asideBytes = 64 << 10;

type Phase = 'sessions' | 'locks' | 'end' | 'done';

export class SnapshotWriter implements MachineSnapshot, Capture {
  readonly index: number;
  readonly #state: State;
  readonly #epoch: number;
  readonly #totals: Totals;
  readonly #output = new ByteWriter();
  readonly #record = new ByteWriter();
  readonly #sessionsAside = new Aside();
  readonly #locksAside = new Aside();
  #phase: Phase = 'sessions';
  #part = 0;
  /** Records of the part whose turn it is; those that changed since are marked. */
  #sessions: Session[] = [];
  #holds: Hold[] = [];
  #waiters: Waiter[] = [];
  #crc = 0;

  constructor(state: State) {
    assert(state.capture === null, 'a snapshot is being written already');
    state.epoch += 1;
    state.capture = this;
    this.#state = state;
    this.#epoch = state.epoch;
    this.index = state.appliedIndex;
    this.#totals = {
      sessions: state.sessions.size,
      holds: state.holdCount,
      waiters: state.waiterCount,
    };
    writeHeader(this.#record, {
      index: state.appliedIndex,
      lastToken: state.lastToken,
      lastTicket: state.lastTicket,
      version: state.version,
      limits: state.limits,
    });
    this.#endRecord(this.#output);
  }

  readonly session = (session: Session): void => {
    assert(this.#phase === 'sessions', 'a session was passed over by the snapshot');
    this.#writeSession(session, this.#sessionsAside.writer);
    this.#sessionsAside.cut();
  };

  readonly hold = (hold: Hold): void => {
    this.#writeHold(hold, this.#locksAside.writer);
    this.#locksAside.cut();
  };

  readonly waiter = (waiter: Waiter): void => {
    this.#writeWaiter(waiter, this.#locksAside.writer);
    this.#locksAside.cut();
  };

  readonly next = (bytesMax: number): Uint8Array | null => {
    if (this.#phase === 'done') return null;
    assert(this.#state.capture === this, 'the snapshot is closed');
    while (this.#output.length < bytesMax && this.#advance());
    // The end has a piece of its own: it tells the CRC of all pieces before it.
    if (this.#output.length === 0) this.#end();
    const piece = this.#output.take();
    this.#crc = crc32(piece, this.#crc);
    return piece;
  };

  readonly close = (): void => {
    if (this.#state.capture === this) this.#state.capture = null;
  };

  /** False: only the end is left. */
  #advance(): boolean {
    if (this.#phase === 'sessions' && !this.#advanceSessions()) this.#enter('locks');
    else if (this.#phase === 'locks' && !this.#advanceLocks()) this.#enter('end');
    return this.#phase !== 'end';
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#part = 0;
  }

  /** False: all sessions are written. */
  #advanceSessions(): boolean {
    const session = this.#sessions.pop();
    if (session !== undefined) {
      if (session.epoch !== this.#epoch) this.#writeSession(session, this.#output);
      return true;
    }
    const { sessions } = this.#state;
    if (this.#part < sessions.partCount) {
      this.#sessions = [...sessions.part(this.#part)];
      this.#part += 1;
      return true;
    }
    return this.#sessionsAside.moveTo(this.#output);
  }

  /** False: all holds and waiters are written. */
  #advanceLocks(): boolean {
    const hold = this.#holds.pop();
    if (hold !== undefined) {
      if (hold.epoch !== this.#epoch) this.#writeHold(hold, this.#output);
      return true;
    }
    const waiter = this.#waiters.pop();
    if (waiter !== undefined) {
      if (waiter.epoch !== this.#epoch) this.#writeWaiter(waiter, this.#output);
      return true;
    }
    if (this.#part < this.#state.locks.partCount) {
      this.#gatherLocks();
      this.#part += 1;
      return true;
    }
    return this.#locksAside.moveTo(this.#output);
  }

  #gatherLocks(): void {
    for (const lock of this.#state.locks.part(this.#part)) {
      for (let hold = lock.newestHold; hold !== null; hold = hold.olderOfLock) {
        this.#holds.push(hold);
      }
      for (let waiter = headOf(lock); waiter !== null; waiter = waiter.behind) {
        this.#waiters.push(waiter);
      }
    }
  }

  #end(): void {
    writeEnd(this.#record, this.#totals, this.#crc);
    this.#endRecord(this.#output);
    this.close();
    this.#enter('done');
  }

  #writeSession(session: Session, target: ByteWriter): void {
    session.epoch = this.#epoch;
    writeSession(this.#record, session);
    this.#endRecord(target);
    let batch: OperationResult[] = [];
    for (const answer of session.answers) {
      if (answer instanceof Waiter) continue;
      batch.push(answer);
      if (batch.length < answersPerRecordMax) continue;
      this.#writeAnswers(session.id, batch, target);
      batch = [];
    }
    if (batch.length > 0) this.#writeAnswers(session.id, batch, target);
  }

  #writeAnswers(sessionId: number, batch: readonly OperationResult[], target: ByteWriter): void {
    writeAnswers(this.#record, sessionId, batch);
    this.#endRecord(target);
  }

  #writeHold(hold: Hold, target: ByteWriter): void {
    hold.epoch = this.#epoch;
    writeHold(this.#record, hold);
    this.#endRecord(target);
  }

  #writeWaiter(waiter: Waiter, target: ByteWriter): void {
    waiter.epoch = this.#epoch;
    writeWaiter(this.#record, waiter);
    this.#endRecord(target);
  }

  #endRecord(target: ByteWriter): void {
    target.record(this.#record);
  }
}

/** Records that were written before their turn, until it comes. */
class Aside {
  readonly writer = new ByteWriter();
  readonly #pieces: Uint8Array[] = [];

  cut(): void {
    if (this.writer.length >= asideBytes) this.#pieces.push(this.writer.take());
  }

  /** Moves one piece. False: nothing is left. */
  moveTo(target: ByteWriter): boolean {
    const piece = this.#pieces.pop() ?? this.writer.take();
    target.raw(piece);
    return piece.length > 0;
  }
}
