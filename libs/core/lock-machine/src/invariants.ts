/** What must hold of the state after every entry. For tests and the simulation: it looks at everything. */
import { LockMode } from '@windlass/lock-wire';
import { findAnswer, isRepeatable } from './answers.ts';
import {
  type Hold,
  headOf,
  holderCountOf,
  type Lock,
  lastExclusiveTokenOf,
  type Session,
  Waiter,
} from './records.ts';
import type { State } from './state.ts';

/** One sentence for each thing that is wrong, in the order of keys and ids. */
export function brokenInvariants(state: State): readonly string[] {
  const broken: string[] = [];
  const tokens = new Set<number>();
  let holds = 0;
  let waiters = 0;
  for (const lock of state.locks.values()) {
    holds += checkHolders(state, lock, tokens, broken);
    waiters += checkQueue(state, lock, broken);
    if (state.locks.get(lock.key) !== lock) broken.push(`${lock.key}: is not found by its key`);
  }
  let sessionHolds = 0;
  let sessionWaits = 0;
  for (const session of state.sessions.values()) {
    sessionHolds += checkHoldsOfSession(session, broken);
    sessionWaits += checkWaitsOfSession(session, broken);
    checkAnswers(session, broken);
    if (state.sessions.get(session.id) !== session) {
      broken.push(`session ${session.id}: is not found by its id`);
    }
  }
  checkEqual(broken, 'holds', [state.holdCount, holds, sessionHolds, tokens.size]);
  checkEqual(broken, 'waiters', [state.waiterCount, waiters, sessionWaits]);
  return broken.sort();
}

/** Adds the lock's tokens to those seen, and returns how many holders it has. */
function checkHolders(state: State, lock: Lock, tokens: Set<number>, broken: string[]): number {
  const { key, mode, crowd } = lock;
  let count = 0;
  let permits = 0;
  for (let hold: Hold | null = lock.newestHold; hold !== null; hold = hold.olderOfLock) {
    count += 1;
    permits += hold.permits;
    const name = `${key}: the hold with token ${hold.token}`;
    if (hold.lock !== lock) broken.push(`${name} belongs to another lock`);
    if (state.sessions.get(hold.session.id) !== hold.session) {
      broken.push(`${name} belongs to session ${hold.session.id}, which has ended (invariant 3)`);
    }
    if (hold.token > state.lastToken) broken.push(`${name} is above the counter (invariant 2)`);
    if (tokens.has(hold.token)) broken.push(`${name} is held twice (invariant 2)`);
    tokens.add(hold.token);
    if (hold.holdCount < 1) broken.push(`${name} is held ${hold.holdCount} times`);
    if (hold.token < lastExclusiveTokenOf(lock)) {
      broken.push(`${name} is older than the last exclusive one (invariant 2)`);
    }
  }
  if (count === 0) broken.push(`${key}: is kept although nobody holds it`);
  if (mode === LockMode.Exclusive && count > 1) {
    broken.push(`${key}: has ${count} exclusive holders (invariant 1)`);
  }
  if (mode === LockMode.Semaphore && permits > (crowd?.limit ?? 0)) {
    broken.push(`${key}: ${permits} permits are held of ${crowd?.limit ?? 0} (invariant 1)`);
  }
  if (mode !== LockMode.Exclusive && crowd === null) broken.push(`${key}: has no crowd`);
  checkEqual(broken, `${key}: holders`, [holderCountOf(lock), count]);
  checkEqual(broken, `${key}: permits`, [crowd?.permitsHeld ?? permits, permits]);
  return count;
}

function checkQueue(state: State, lock: Lock, broken: string[]): number {
  let count = 0;
  let before: Waiter | null = null;
  for (let waiter = headOf(lock); waiter !== null; waiter = waiter.behind) {
    count += 1;
    const name = `${lock.key}: the waiter with ticket ${waiter.ticket}`;
    if (waiter.lock !== lock || waiter.before !== before) broken.push(`${name} is out of place`);
    if (before !== null && before.ticket >= waiter.ticket) {
      broken.push(`${name} has been overtaken (invariant 8)`);
    }
    if (waiter.ticket > state.lastTicket) broken.push(`${name} is above the counter`);
    before = waiter;
  }
  checkEqual(broken, `${lock.key}: waiters`, [lock.crowd?.waiterCount ?? 0, count]);
  if (lock.crowd !== null && lock.crowd.tail !== before) {
    broken.push(`${lock.key}: its queue has another end`);
  }
  return count;
}

function checkHoldsOfSession(session: Session, broken: string[]): number {
  let count = 0;
  for (let hold = session.newestHold; hold !== null; hold = hold.olderOfSession) {
    if (hold.session !== session) broken.push(`session ${session.id}: has another's hold`);
    count += 1;
  }
  checkEqual(broken, `session ${session.id}: holds`, [session.holdCount, count]);
  return count;
}

function checkWaitsOfSession(session: Session, broken: string[]): number {
  let count = 0;
  let waiter = session.newestWaiter;
  for (; waiter !== null; waiter = waiter.olderOfSession) {
    const { sequence } = waiter;
    if (waiter.session !== session) broken.push(`session ${session.id}: has another's wait`);
    const isKept = isRepeatable(sequence) && sequence > session.acknowledged;
    if (isKept && findAnswer(session, sequence) !== waiter) {
      broken.push(`session ${session.id}: the wait ${sequence} can't be repeated`);
    }
    count += 1;
  }
  checkEqual(broken, `session ${session.id}: waits`, [session.waitCount, count]);
  return count;
}

function checkAnswers(session: Session, broken: string[]): void {
  let before = session.acknowledged;
  for (const answer of session.answers) {
    const name = `session ${session.id}: the answer ${answer.sequence}`;
    if (answer.sequence <= before) broken.push(`${name} is out of order or acknowledged`);
    if (answer.sequence > session.lastSequence) broken.push(`${name} is above the last sequence`);
    if (answer instanceof Waiter && !isQueued(answer)) broken.push(`${name} is left by a waiter`);
    before = answer.sequence;
  }
}

function isQueued(waiter: Waiter): boolean {
  return waiter.before !== null || headOf(waiter.lock) === waiter;
}

function checkEqual(broken: string[], what: string, counts: readonly number[]): void {
  if (new Set(counts).size > 1) broken.push(`${what}: counted ${counts.join(', ')}`);
}
