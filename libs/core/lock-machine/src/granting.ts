/**
 * Who gets a lock, and when. A lock has one queue, first come first served: nobody overtakes, but
 * a session that holds the lock takes it once more at once.
 */
import { LockCode, LockMode, type OperationResult } from '@windlass/lock-wire';
import { exhausted, findWaiter, isRepeatable, plainResult, queuedResult } from './answers.ts';
import { holdCountMax } from './limits.ts';
import { holdOf } from './lists.ts';
import type { Output } from './output.ts';
import {
  type Hold,
  headOf,
  type Lock,
  lastExclusiveTokenOf,
  type Request,
  type Session,
} from './records.ts';
import type { State } from './state.ts';
import { LockEventKind } from './types.ts';

/** What a request may do on a lock as it is held now; the queue isn't looked at. */
type Admission = 'grant' | 'reenter' | 'wait' | 'mode-conflict' | 'limit-mismatch';

export type AcquireRequest = Request & { readonly key: string; readonly waitMs: number };

/** Takes a lock or a place in its queue. The answer is the caller's to keep, unless it's Queued. */
export function acquire(
  state: State,
  session: Session,
  request: AcquireRequest,
  output: Output,
): OperationResult {
  const { key, mode, sequence } = request;
  const found = state.locks.get(key);
  if (found === undefined) {
    if (state.locks.size >= state.limits.locksMax) return exhausted(sequence, 'locksMax');
    if (isFull(state, session)) return exhausted(sequence, 'holdsPerSessionMax');
    return grant(state, state.createLock(key, mode), session, request, output);
  }
  const own = holdOf(found, session);
  const admission = admit(found, own, request);
  if (own !== null && admission === 'reenter') return reenter(state, own, sequence);
  if (admission === 'mode-conflict') return plainResult(sequence, LockCode.ModeConflict);
  if (admission === 'limit-mismatch') return plainResult(sequence, LockCode.LimitMismatch);
  const isNext = admission === 'grant' && headOf(found) === null;
  if (!isNext && request.waitMs === 0) return plainResult(sequence, LockCode.Held);
  if (isFull(state, session)) return exhausted(sequence, 'holdsPerSessionMax');
  if (isNext) return grant(state, found, session, request, output);
  return enqueue(state, found, session, request);
}

/** Serves the head of the queue as long as that is possible, and drops a lock that is free. */
export function advance(state: State, lock: Lock, output: Output): void {
  for (let head = headOf(lock); head !== null; head = headOf(lock)) {
    const { session, sequence } = head;
    const own = holdOf(lock, session);
    const admission = admit(lock, own, head);
    if (admission === 'wait') return;
    state.removeWaiter(head);
    let result: OperationResult;
    if (admission === 'grant') result = grant(state, lock, session, head, output);
    else if (own !== null && admission === 'reenter') result = reenter(state, own, sequence);
    else if (admission === 'limit-mismatch') {
      result = plainResult(sequence, LockCode.LimitMismatch);
    } else result = plainResult(sequence, LockCode.ModeConflict);
    state.keepAnswer(session, result);
    output.addResult(session.id, result);
  }
  if (lock.newestHold === null) state.dropLock(lock);
}

/** What a hold looks like to its session. */
export function grantResult(hold: Hold, sequence: number): OperationResult {
  return {
    sequence,
    code: LockCode.Ok,
    token: hold.token,
    lastExclusiveToken: lastExclusiveTokenOf(hold.lock),
    holdCount: hold.holdCount,
    position: 0,
    message: '',
  };
}

function admit(lock: Lock, own: Hold | null, request: Request): Admission {
  const { mode } = request;
  if (lock.newestHold === null) return 'grant';
  if (own !== null && (lock.mode === LockMode.Semaphore || mode === LockMode.Semaphore)) {
    if (lock.mode !== mode) return 'mode-conflict';
  } else if (own !== null) {
    const covers = lock.mode === LockMode.Exclusive || mode === LockMode.Shared;
    return covers ? 'reenter' : 'mode-conflict';
  }
  if (lock.mode !== mode || lock.crowd === null) return 'wait';
  if (mode === LockMode.Shared) return 'grant';
  if (mode === LockMode.Exclusive) return 'wait';
  if (lock.crowd.limit !== request.limit) return 'limit-mismatch';
  return lock.crowd.permitsHeld + request.permits <= request.limit ? 'grant' : 'wait';
}

function grant(
  state: State,
  lock: Lock,
  session: Session,
  request: Request,
  output: Output,
): OperationResult {
  const hold = state.addHold(lock, session, request);
  output.addEvent(LockEventKind.Granted, hold, hold.metadata);
  return grantResult(hold, request.sequence);
}

function reenter(state: State, hold: Hold, sequence: number): OperationResult {
  if (hold.holdCount >= holdCountMax) return exhausted(sequence, 'holdCountMax');
  state.setHoldCount(hold, hold.holdCount + 1);
  return grantResult(hold, sequence);
}

function enqueue(
  state: State,
  lock: Lock,
  session: Session,
  request: AcquireRequest,
): OperationResult {
  const { sequence } = request;
  const waiters = lock.crowd === null ? 0 : lock.crowd.waiterCount;
  if (sequence === 0) {
    return plainResult(sequence, LockCode.Invalid, 'sequence: an acquire that waits needs one');
  }
  if (!isRepeatable(sequence) && findWaiter(session, sequence) !== null) {
    return plainResult(sequence, LockCode.Invalid, 'sequence: another acquire waits under it');
  }
  if (waiters >= state.limits.waitersPerLockMax) return exhausted(sequence, 'waitersPerLockMax');
  state.addWaiter(lock, session, request);
  return queuedResult(sequence, waiters + 1);
}

/** Holds and waits count together, so that a grant from the queue can't pass the bound. */
function isFull(state: State, session: Session): boolean {
  return session.holdCount + session.waitCount >= state.limits.holdsPerSessionMax;
}
