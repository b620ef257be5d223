/**
 * The state and its moves: the only code that changes records. Each move says first to a running
 * snapshot what is about to change. Which move to make is decided in granting.ts, operations.ts
 * and commands.ts.
 */
import { assert } from '@windlass/base';
import type { LockLimits, LockMode, OperationResult } from '@windlass/lock-wire';
import { LockMode as Mode } from '@windlass/lock-wire';
import { forgetAnswers, isRepeatable, keepAnswer } from './answers.ts';
import { defaultLimits } from './limits.ts';
import { noMetadata } from './output.ts';
import {
  crowdOf,
  Hold,
  headOf,
  Lock,
  lastExclusiveTokenOf,
  linkHold,
  linkWaiter,
  type Request,
  Session,
  unlinkHold,
  unlinkWaiter,
  Waiter,
} from './records.ts';
import { hashId, hashText, Table } from './table.ts';
import type { MachineBugs } from './types.ts';
import { type Features, firstVersion, type VersionTable } from './versions.ts';

/** A running snapshot: is told of each record before it changes for the first time. */
export type Capture = {
  readonly session: (session: Session) => void;
  readonly hold: (hold: Hold) => void;
  readonly waiter: (waiter: Waiter) => void;
};

export class State {
  readonly bugs: MachineBugs;
  readonly versions: VersionTable;
  readonly sessions = new Table<number, Session>(hashId);
  readonly locks = new Table<string, Lock>(hashText);
  limits: LockLimits = defaultLimits;
  appliedIndex = 0;
  lastToken = 0;
  lastTicket = 0;
  holdCount = 0;
  waiterCount = 0;
  version = firstVersion;
  features: Features;
  /** Counts snapshots. A record with a smaller one is not yet in the running snapshot. */
  epoch = 0;
  capture: Capture | null = null;

  constructor(bugs: MachineBugs, versions: VersionTable) {
    this.bugs = bugs;
    this.versions = versions;
    this.features = this.#featuresOf(firstVersion);
  }

  setVersion(version: number): void {
    this.features = this.#featuresOf(version);
    this.version = version;
  }

  openSession(id: number, ttlMs: number, clientName: string): void {
    this.sessions.add(id, new Session(id, ttlMs, clientName, this.appliedIndex, this.epoch));
  }

  /** The session is left without a place in the table; its holds and waits are others' concern. */
  dropSession(session: Session): void {
    this.#beforeSession(session);
    this.sessions.delete(session.id);
  }

  /** The session logged something: it isn't silent, and what it knows is forgotten. */
  touchSession(session: Session, acknowledged: number): void {
    this.#beforeSession(session);
    session.lastIndex = this.appliedIndex;
    session.remainingMs = -1;
    forgetAnswers(session, acknowledged);
  }

  setRemaining(session: Session, remainingMs: number): void {
    this.#beforeSession(session);
    session.remainingMs = remainingMs;
  }

  /** Keeps the answer of an operation, in place of its waiter if it waited. */
  keepAnswer(session: Session, result: OperationResult): void {
    if (!isRepeatable(result.sequence)) return;
    this.#beforeSession(session);
    keepAnswer(session, result);
  }

  /** A lock that nobody held. Its holder must follow. */
  createLock(key: string, mode: LockMode): Lock {
    const lock = new Lock(key, mode);
    this.locks.add(key, lock);
    return lock;
  }

  /** A new hold with a token of its own. The lock must be compatible with it. */
  addHold(lock: Lock, session: Session, request: Request): Hold {
    const before = this.lastToken;
    const { sequence, permits } = request;
    this.lastToken += this.features.tokenStep;
    if (request.mode !== Mode.Exclusive && lock.crowd === null) {
      // Nobody below the counter's value can hold a lock that nothing was known of.
      crowdOf(lock).lastExclusiveToken = before;
    }
    lock.mode = request.mode;
    if (lock.crowd !== null) {
      lock.crowd.limit = request.limit;
      if (request.mode === Mode.Exclusive) lock.crowd.lastExclusiveToken = this.lastToken;
    }
    const metadata = ownBytes(request.metadata);
    const hold = new Hold(lock, session, this.lastToken, sequence, permits, metadata, this.epoch);
    linkHold(hold);
    this.holdCount += 1;
    return hold;
  }

  setHoldCount(hold: Hold, holdCount: number): void {
    this.#beforeHold(hold);
    hold.holdCount = holdCount;
  }

  setMetadata(hold: Hold, metadata: Uint8Array): void {
    this.#beforeHold(hold);
    hold.metadata = ownBytes(metadata);
  }

  /** The caller lets the queue advance, or drops the lock, before anything else happens to it. */
  removeHold(hold: Hold): void {
    this.#beforeHold(hold);
    unlinkHold(hold);
    this.holdCount -= 1;
  }

  addWaiter(lock: Lock, session: Session, request: Request): Waiter {
    this.lastTicket += 1;
    const metadata = ownBytes(request.metadata);
    const waiter = new Waiter(lock, session, this.lastTicket, { ...request, metadata }, this.epoch);
    linkWaiter(waiter);
    this.waiterCount += 1;
    if (isRepeatable(waiter.sequence)) {
      this.#beforeSession(session);
      keepAnswer(session, waiter);
    }
    return waiter;
  }

  removeWaiter(waiter: Waiter): void {
    if (this.capture !== null && waiter.epoch !== this.epoch) this.capture.waiter(waiter);
    unlinkWaiter(waiter);
    this.waiterCount -= 1;
  }

  /** A lock that nobody holds or waits for keeps nothing. */
  dropLock(lock: Lock): void {
    assert(lock.newestHold === null && headOf(lock) === null, 'a lock in use was dropped');
    this.locks.delete(lock.key);
  }

  /** The newest exclusive token of a key; 0 where nobody holds it. */
  lastExclusiveToken(key: string): number {
    const lock = this.locks.get(key);
    return lock === undefined ? 0 : lastExclusiveTokenOf(lock);
  }

  #featuresOf(version: number): Features {
    const features = this.versions.get(version);
    // A node that went on without knowing the version would diverge: it has to stop.
    assert(features !== undefined, `version ${version} of the lock machine isn't known here`);
    return features;
  }

  #beforeSession(session: Session): void {
    if (this.capture !== null && session.epoch !== this.epoch) this.capture.session(session);
  }

  #beforeHold(hold: Hold): void {
    if (this.capture !== null && hold.epoch !== this.epoch) this.capture.hold(hold);
  }
}

/** Bytes that don't keep the frame alive in which they came. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? noMetadata : bytes.slice();
}
