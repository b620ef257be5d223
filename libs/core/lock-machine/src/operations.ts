/** What a session does: one operation of the log, applied exactly once however often it's repeated. */
import { assert, unreachable } from '@windlass/base';
import {
  LockCode,
  LockMode,
  LockScope,
  type Operation,
  OperationKind,
  type OperationResult,
} from '@windlass/lock-wire';
import {
  exhausted,
  findAnswer,
  findWaiter,
  isRepeatable,
  plainResult,
  positionOf,
  queuedResult,
} from './answers.ts';
import { type AcquireRequest, acquire, advance, grantResult } from './granting.ts';
import { holdOfSession, holdWithToken } from './lists.ts';
import { noMetadata, type Output } from './output.ts';
import { type Hold, type Session, Waiter } from './records.ts';
import { endSession } from './session-end.ts';
import type { State } from './state.ts';
import { LockEventKind } from './types.ts';

export function applyOperation(
  state: State,
  sessionId: number,
  operation: Operation,
  acknowledgedSequence: number,
  output: Output,
): void {
  const { sequence } = operation;
  assert(operation.scope !== LockScope.Global, 'an operation on a global lock reached the log');
  const session = state.sessions.get(sessionId);
  if (session === undefined) {
    output.addResult(sessionId, plainResult(sequence, LockCode.SessionExpired));
    return;
  }
  state.touchSession(session, acknowledgedSequence);
  const repeated = repeatedAnswer(state, session, operation);
  if (repeated !== null) output.addResult(sessionId, repeated);
  else perform(state, session, operation, output);
}

/** The answer of an operation that was applied before, or that may not be applied; else null. */
function repeatedAnswer(
  state: State,
  session: Session,
  operation: Operation,
): OperationResult | null {
  const { sequence } = operation;
  if (!isRepeatable(sequence)) return null;
  if (sequence <= session.acknowledged) return acknowledgedAnswer(state, session, operation);
  const answer = sequence > session.lastSequence ? null : findAnswer(session, sequence);
  if (answer instanceof Waiter) return queuedResult(sequence, positionOf(answer));
  if (answer !== null) return answer;
  const isFull = session.answers.length >= state.limits.unacknowledgedPerSessionMax;
  if (!isFull || operation.kind === OperationKind.Close) return null;
  return exhausted(sequence, 'unacknowledgedPerSessionMax');
}

/**
 * The answer itself is forgotten. But an acquire that waits may outlive its acknowledgement (or
 * nobody could wait for long and do other things besides), and its grant may have been lost on its
 * way: so it still finds its place in the queue, or the hold that became of it.
 */
function acknowledgedAnswer(state: State, session: Session, operation: Operation): OperationResult {
  const { sequence } = operation;
  if (operation.kind === OperationKind.Acquire) {
    const waiter = findWaiter(session, sequence);
    if (waiter !== null) return queuedResult(sequence, positionOf(waiter));
    const hold = holdOfSequence(session, sequence);
    if (hold !== null && hold.lock.key === operation.key) return grantResult(hold, sequence);
  }
  return plainResult(sequence, LockCode.SequenceForgotten);
}

function perform(state: State, session: Session, operation: Operation, output: Output): void {
  switch (operation.kind) {
    case OperationKind.Acquire:
      performAcquire(state, session, operation, output);
      break;
    case OperationKind.Release:
      performRelease(state, session, operation, output);
      break;
    case OperationKind.Cancel:
      performCancel(state, session, operation, output);
      break;
    case OperationKind.SetMetadata:
      performSetMetadata(state, session, operation, output);
      break;
    case OperationKind.Close:
      output.addResult(session.id, plainResult(operation.sequence, LockCode.Ok));
      endSession(state, session, false, output);
      break;
    default:
      unreachable(operation.kind);
  }
}

function performAcquire(
  state: State,
  session: Session,
  operation: Operation,
  output: Output,
): void {
  const { sequence, mode, permits, limit } = operation;
  if (mode === LockMode.Semaphore && (permits < 1 || permits > limit)) {
    answer(state, session, plainResult(sequence, LockCode.Invalid, 'permits'), output);
    return;
  }
  const result = acquire(state, session, requestOf(operation), output);
  if (result.code === LockCode.Queued) output.addResult(session.id, result);
  else answer(state, session, result, output);
}

function requestOf(operation: Operation): AcquireRequest {
  const { sequence, key, mode, waitMs, metadata } = operation;
  const isSemaphore = mode === LockMode.Semaphore;
  const permits = isSemaphore ? operation.permits : 0;
  const limit = isSemaphore ? operation.limit : 0;
  return { sequence, key, mode, permits, limit, waitMs, metadata };
}

function performRelease(
  state: State,
  session: Session,
  operation: Operation,
  output: Output,
): void {
  const lock = state.locks.get(operation.key);
  const hold = lock === undefined ? null : holdWithToken(lock, session, operation.token);
  if (hold === null) {
    answer(state, session, plainResult(operation.sequence, LockCode.NotHeld), output);
  } else releaseOnce(state, hold, operation.sequence, output);
}

/** Gives one of the hold's counts back, answers, and lets the next ones in. */
function releaseOnce(state: State, hold: Hold, sequence: number, output: Output): void {
  const { session } = hold;
  const holdCount = hold.holdCount - 1;
  answer(state, session, { ...plainResult(sequence, LockCode.Ok), holdCount }, output);
  if (holdCount > 0) {
    state.setHoldCount(hold, holdCount);
    return;
  }
  state.removeHold(hold);
  output.addEvent(LockEventKind.Released, hold, noMetadata);
  advance(state, hold.lock, output);
}

/** The field `token` of a cancel is the sequence of the acquire. */
function performCancel(
  state: State,
  session: Session,
  { sequence, token: acquireSequence }: Operation,
  output: Output,
): void {
  const waiter = acquireSequence > 0 ? findWaiter(session, acquireSequence) : null;
  if (waiter !== null) {
    state.removeWaiter(waiter);
    answer(state, session, plainResult(acquireSequence, LockCode.Cancelled), output);
    answer(state, session, plainResult(sequence, LockCode.Ok), output);
    advance(state, waiter.lock, output);
    return;
  }
  const hold = grantedHold(session, acquireSequence);
  if (hold !== null) releaseOnce(state, hold, sequence, output);
  else answer(state, session, plainResult(sequence, LockCode.NotFound), output);
}

/** The hold that an acquire gave, if it's still there. */
function grantedHold(session: Session, acquireSequence: number): Hold | null {
  if (acquireSequence === 0) return null;
  const first = findAnswer(session, acquireSequence);
  if (first === null) return holdOfSequence(session, acquireSequence);
  if (first instanceof Waiter || first.token === 0) return null;
  return holdOfSession(session, first.token);
}

function holdOfSequence(session: Session, sequence: number): Hold | null {
  let hold = session.newestHold;
  while (hold !== null && hold.sequence !== sequence) hold = hold.olderOfSession;
  return hold;
}

function performSetMetadata(
  state: State,
  session: Session,
  { sequence, key, token, metadata }: Operation,
  output: Output,
): void {
  const lock = state.locks.get(key);
  const hold = lock === undefined ? null : holdWithToken(lock, session, token);
  if (hold === null) {
    answer(state, session, plainResult(sequence, LockCode.NotHeld), output);
    return;
  }
  state.setMetadata(hold, metadata);
  output.addEvent(LockEventKind.Metadata, hold, hold.metadata);
  answer(state, session, plainResult(sequence, LockCode.Ok), output);
}

function answer(state: State, session: Session, result: OperationResult, output: Output): void {
  state.keepAnswer(session, result);
  output.addResult(session.id, result);
}
