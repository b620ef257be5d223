/**
 * The records of the state: sessions, locks, holds and waiters, and the lists that bind them. There
 * may be millions of holds, so they are lean: intrusive lists instead of sets, and what only a
 * shared lock, a semaphore or a queue needs is apart (Crowd).
 *
 * Only state.ts changes them. Invariant: a lock is in the table exactly while somebody holds it,
 * since the head of a queue is granted as soon as nobody does.
 */
import type { LockMode, OperationResult } from '@windlass/lock-wire';

/** A kept answer, or the acquire that still waits for its own. */
export type Answer = OperationResult | Waiter;

/** Stands for every session that has no answers, so that it costs nothing. Never changed. */
export const noAnswers: Answer[] = [];

export class Session {
  readonly id: number;
  readonly ttlMs: number;
  readonly clientName: string;
  /** What is left of the TTL by the log, in milliseconds; -1 when the session isn't silent. */
  remainingMs = -1;
  lastIndex: number;
  /** Highest sequence applied. */
  lastSequence = 0;
  /** Answers up to this sequence are forgotten. */
  acknowledged = 0;
  /** By rising sequence, all of them above `acknowledged`. `noAnswers` when empty. */
  answers: Answer[] = noAnswers;
  newestHold: Hold | null = null;
  holdCount = 0;
  newestWaiter: Waiter | null = null;
  waitCount = 0;
  /** As in Hold. */
  epoch: number;

  constructor(id: number, ttlMs: number, clientName: string, lastIndex: number, epoch: number) {
    this.id = id;
    this.ttlMs = ttlMs;
    this.clientName = clientName;
    this.lastIndex = lastIndex;
    this.epoch = epoch;
  }
}

/** What a lock needs besides one exclusive holder. */
export class Crowd {
  /** Permits of the semaphore that the holders share; else 0. */
  limit = 0;
  lastExclusiveToken: number;
  holderCount = 0;
  permitsHeld = 0;
  head: Waiter | null = null;
  tail: Waiter | null = null;
  waiterCount = 0;

  constructor(lastExclusiveToken: number) {
    this.lastExclusiveToken = lastExclusiveToken;
  }
}

export class Lock {
  readonly key: string;
  mode: LockMode;
  newestHold: Hold | null = null;
  /** Null: at most one holder, which is exclusive, and no queue. */
  crowd: Crowd | null = null;

  constructor(key: string, mode: LockMode) {
    this.key = key;
    this.mode = mode;
  }
}

export class Hold {
  readonly lock: Lock;
  readonly session: Session;
  readonly token: number;
  /** Sequence of the acquire that was granted. */
  readonly sequence: number;
  readonly permits: number;
  holdCount = 1;
  metadata: Uint8Array;
  olderOfLock: Hold | null = null;
  newerOfLock: Hold | null = null;
  olderOfSession: Hold | null = null;
  newerOfSession: Hold | null = null;
  /** The newest snapshot that has this record, or that began before it came into being. */
  epoch: number;

  constructor(
    lock: Lock,
    session: Session,
    token: number,
    sequence: number,
    permits: number,
    metadata: Uint8Array,
    epoch: number,
  ) {
    this.lock = lock;
    this.session = session;
    this.token = token;
    this.sequence = sequence;
    this.permits = permits;
    this.metadata = metadata;
    this.epoch = epoch;
  }
}

/** What an acquire wants, whether it waits or not. */
export type Request = {
  readonly sequence: number;
  readonly mode: LockMode;
  readonly permits: number;
  readonly limit: number;
  readonly metadata: Uint8Array;
};

export class Waiter {
  readonly lock: Lock;
  readonly session: Session;
  /** Rises with every waiter of the machine: the order of queues. */
  readonly ticket: number;
  readonly sequence: number;
  readonly mode: LockMode;
  readonly permits: number;
  readonly limit: number;
  readonly metadata: Uint8Array;
  before: Waiter | null = null;
  behind: Waiter | null = null;
  olderOfSession: Waiter | null = null;
  newerOfSession: Waiter | null = null;
  /** As in Hold. */
  epoch: number;

  constructor(lock: Lock, session: Session, ticket: number, request: Request, epoch: number) {
    this.lock = lock;
    this.session = session;
    this.ticket = ticket;
    this.sequence = request.sequence;
    this.mode = request.mode;
    this.permits = request.permits;
    this.limit = request.limit;
    this.metadata = request.metadata;
    this.epoch = epoch;
  }
}

/** The crowd of a lock, made where it has none yet. */
export function crowdOf(lock: Lock): Crowd {
  if (lock.crowd !== null) return lock.crowd;
  const { newestHold } = lock;
  const crowd = new Crowd(newestHold === null ? 0 : newestHold.token);
  crowd.holderCount = newestHold === null ? 0 : 1;
  crowd.permitsHeld = newestHold === null ? 0 : newestHold.permits;
  lock.crowd = crowd;
  return crowd;
}

export function lastExclusiveTokenOf(lock: Lock): number {
  if (lock.crowd !== null) return lock.crowd.lastExclusiveToken;
  return lock.newestHold === null ? 0 : lock.newestHold.token;
}

export function holderCountOf(lock: Lock): number {
  if (lock.crowd !== null) return lock.crowd.holderCount;
  return lock.newestHold === null ? 0 : 1;
}

export function headOf(lock: Lock): Waiter | null {
  return lock.crowd === null ? null : lock.crowd.head;
}

/** Binds a hold to its lock and its session, as their newest. */
export function linkHold(hold: Hold): void {
  const { lock, session } = hold;
  hold.olderOfLock = lock.newestHold;
  if (lock.newestHold !== null) lock.newestHold.newerOfLock = hold;
  lock.newestHold = hold;
  hold.olderOfSession = session.newestHold;
  if (session.newestHold !== null) session.newestHold.newerOfSession = hold;
  session.newestHold = hold;
  session.holdCount += 1;
  if (lock.crowd === null) return;
  lock.crowd.holderCount += 1;
  lock.crowd.permitsHeld += hold.permits;
}

export function unlinkHold(hold: Hold): void {
  const { lock, session } = hold;
  if (hold.newerOfLock === null) lock.newestHold = hold.olderOfLock;
  else hold.newerOfLock.olderOfLock = hold.olderOfLock;
  if (hold.olderOfLock !== null) hold.olderOfLock.newerOfLock = hold.newerOfLock;
  if (hold.newerOfSession === null) session.newestHold = hold.olderOfSession;
  else hold.newerOfSession.olderOfSession = hold.olderOfSession;
  if (hold.olderOfSession !== null) hold.olderOfSession.newerOfSession = hold.newerOfSession;
  session.holdCount -= 1;
  if (lock.crowd === null) return;
  lock.crowd.holderCount -= 1;
  lock.crowd.permitsHeld -= hold.permits;
}

/** Binds a waiter to the end of its lock's queue, and to its session. */
export function linkWaiter(waiter: Waiter): void {
  const { session } = waiter;
  const crowd = crowdOf(waiter.lock);
  waiter.before = crowd.tail;
  if (crowd.tail === null) crowd.head = waiter;
  else crowd.tail.behind = waiter;
  crowd.tail = waiter;
  crowd.waiterCount += 1;
  waiter.olderOfSession = session.newestWaiter;
  if (session.newestWaiter !== null) session.newestWaiter.newerOfSession = waiter;
  session.newestWaiter = waiter;
  session.waitCount += 1;
}

export function unlinkWaiter(waiter: Waiter): void {
  const { session } = waiter;
  const crowd = crowdOf(waiter.lock);
  if (waiter.before === null) crowd.head = waiter.behind;
  else waiter.before.behind = waiter.behind;
  if (waiter.behind === null) crowd.tail = waiter.before;
  else waiter.behind.before = waiter.before;
  crowd.waiterCount -= 1;
  if (waiter.newerOfSession === null) session.newestWaiter = waiter.olderOfSession;
  else waiter.newerOfSession.olderOfSession = waiter.olderOfSession;
  if (waiter.olderOfSession !== null) waiter.olderOfSession.newerOfSession = waiter.newerOfSession;
  session.waitCount -= 1;
}
