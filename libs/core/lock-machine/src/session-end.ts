/** The end of sessions and of waits, and holds that are taken away: what frees several locks at once. */
import { LockCode } from '@windlass/lock-wire';
import { findWaiter, plainResult } from './answers.ts';
import { advance } from './granting.ts';
import { holdsOfLock, holdsOfSession, waitersOfSession } from './lists.ts';
import { noMetadata, type Output } from './output.ts';
import type { Hold, Lock, Session, Waiter } from './records.ts';
import type { State } from './state.ts';
import { LockEventKind } from './types.ts';

/** Frees what a session holds and waits for, and forgets it. */
export function endSession(state: State, session: Session, expired: boolean, output: Output): void {
  const locks: Lock[] = [];
  for (const hold of holdsOfSession(session)) {
    state.removeHold(hold);
    output.addEvent(LockEventKind.Expired, hold, noMetadata);
    locks.push(hold.lock);
  }
  // The bug that the simulation has to find: the dead session keeps its places, and is granted.
  if (state.bugs.grantToExpired !== true) {
    for (const waiter of waitersOfSession(session)) {
      state.removeWaiter(waiter);
      locks.push(waiter.lock);
    }
  }
  state.dropSession(session);
  output.outcomes.push({ kind: 'ended', sessionId: session.id, expired });
  advanceAll(state, locks, output);
}

/** Ends one wait of a session, or all of them where the sequence is 0. */
export function endWaits(
  state: State,
  session: Session,
  sequence: number,
  code: LockCode,
  output: Output,
): void {
  const waiters = sequence === 0 ? waitersOfSession(session) : oneWaiter(session, sequence);
  for (const waiter of waiters) {
    const result = plainResult(waiter.sequence, code);
    state.removeWaiter(waiter);
    state.keepAnswer(session, result);
    output.addResult(session.id, result);
  }
  const locks = waiters.map((waiter) => waiter.lock);
  advanceAll(state, locks, output);
}

/** Takes one hold of a lock away, or all of them where the token is 0. Returns how many. */
export function forceRelease(state: State, key: string, token: number, output: Output): number {
  const lock = state.locks.get(key);
  if (lock === undefined) return 0;
  const holds = holdsOfLock(lock).filter((hold) => token === 0 || hold.token === token);
  for (const hold of holds) takeAway(state, hold, output);
  if (holds.length > 0) advance(state, lock, output);
  return holds.length;
}

function takeAway(state: State, hold: Hold, output: Output): void {
  const { lock, session, token } = hold;
  const code = LockCode.ForceReleased;
  state.removeHold(hold);
  output.lost.push({ sessionId: session.id, key: lock.key, token, code });
  output.addEvent(LockEventKind.ForceReleased, hold, noMetadata);
}

function oneWaiter(session: Session, sequence: number): readonly Waiter[] {
  const waiter = findWaiter(session, sequence);
  return waiter === null ? [] : [waiter];
}

/** A lock may be named several times; one that was dropped has nothing to advance. */
function advanceAll(state: State, locks: readonly Lock[], output: Output): void {
  for (const lock of locks) {
    if (state.locks.get(lock.key) === lock) advance(state, lock, output);
  }
}
