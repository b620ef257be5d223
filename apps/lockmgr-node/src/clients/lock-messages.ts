/** Between the generated messages of unary calls and what the replica takes and gives. */
import { create } from '@bufbuild/protobuf';
import type { LockView } from '@windlass/lock-machine';
import type { CallAnswer } from '@windlass/lock-replica';
import {
  acquire,
  LockCode,
  LockMode,
  LockScope,
  type Operation,
  type OperationResult,
  release,
  setMetadata,
} from '@windlass/lock-wire';
import {
  type Acquire,
  type Grant,
  GrantSchema,
  type Lock as LockMessage,
  LockSchema,
  type Release,
} from '@windlass/proto/lock/v1';
import { LockFailure } from '../node/lock-failure.ts';

/** Numbers of the wire are below 2^53, or refused. */
export function integer(field: string, value: bigint): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new LockFailure(LockCode.Invalid, `${field}: must be below 2^53`);
}

/** @param waitMs what the call waits, where it isn't what the message says */
export function acquireOf(
  sequence: bigint,
  message: Acquire | undefined,
  waitMs?: number,
): Operation {
  if (message === undefined) throw new LockFailure(LockCode.Invalid, 'acquire: is missing');
  const { key, limit, metadata, mode, permits, scope } = message;
  return acquire({
    sequence: integer('sequence', sequence),
    key,
    mode: modeOf(mode),
    permits: permits === 0 ? 1 : permits,
    limit,
    waitMs: waitMs ?? message.waitMs,
    metadata,
    scope: scopeOf(scope),
  });
}

export function releaseOf(sequence: bigint, message: Release | undefined): Operation {
  if (message === undefined) throw new LockFailure(LockCode.Invalid, 'release: is missing');
  return release({
    sequence: integer('sequence', sequence),
    key: message.key,
    token: integer('token', message.token),
    scope: scopeOf(message.scope),
  });
}

export function metadataOf(
  sequence: bigint,
  key: string,
  term: bigint,
  metadata: Uint8Array,
): Operation {
  return setMetadata({
    sequence: integer('sequence', sequence),
    key,
    token: integer('term', term),
    metadata,
  });
}

/** A scope that this version doesn't know stays as it is, and is refused by the checks. */
export function scopeOf(scope: number): LockScope {
  if (scope === LockScope.Global) return LockScope.Global;
  if (scope <= LockScope.Regional) return LockScope.Regional;
  throw new LockFailure(LockCode.Invalid, `scope: ${scope} is not known`);
}

function modeOf(mode: number): LockMode {
  switch (mode) {
    case 0:
    case LockMode.Exclusive:
      return LockMode.Exclusive;
    case LockMode.Shared:
      return LockMode.Shared;
    case LockMode.Semaphore:
      return LockMode.Semaphore;
    default:
      throw new LockFailure(LockCode.Invalid, `mode: ${mode} is not known`);
  }
}

/** The result of an operation that must have succeeded. */
export function resultOf(answer: CallAnswer): OperationResult {
  if (answer.kind !== 'result') throw unexpected(answer);
  const { code, message } = answer.result;
  if (code !== LockCode.Ok) throw new LockFailure(code, message || codeTexts[code] || '');
  return answer.result;
}

export function unexpected(answer: CallAnswer): LockFailure {
  if (answer.kind === 'refused') {
    return new LockFailure(answer.code, answer.message, answer.leaderAddress);
  }
  return new LockFailure(LockCode.Unavailable, `answered by ${answer.kind}`);
}

export function grantOf(operation: Operation, result: OperationResult): Grant {
  return create(GrantSchema, {
    key: operation.key,
    token: BigInt(result.token),
    lastExclusiveToken: BigInt(result.lastExclusiveToken),
    holdCount: result.holdCount,
    mode: operation.mode,
  });
}

export function lockOf(key: string, view: LockView | null): LockMessage {
  if (view === null) return create(LockSchema, { key });
  return create(LockSchema, {
    key: view.key,
    mode: view.mode,
    limit: view.limit,
    holders: view.holders.map((holder) => ({
      ...holder,
      sessionId: BigInt(holder.sessionId),
      token: BigInt(holder.token),
    })),
    waiters: view.waiters.map((waiter) => ({
      ...waiter,
      sessionId: BigInt(waiter.sessionId),
      sequence: BigInt(waiter.sequence),
    })),
    holderCount: view.holderCount,
    waiterCount: view.waiterCount,
  });
}

/** What is said of a code where the lock machine says nothing more. */
const codeTexts: Readonly<Partial<Record<LockCode, string>>> = {
  [LockCode.Held]: 'the lock is held',
  [LockCode.WaitTimeout]: 'wait_ms is over',
  [LockCode.Cancelled]: 'the wait was cancelled',
  [LockCode.NotHeld]: 'the session does not hold this lock with this token',
  [LockCode.SessionExpired]: 'the session is unknown, closed or expired',
  [LockCode.SequenceForgotten]: 'the answer of this sequence was acknowledged and is forgotten',
  [LockCode.ModeConflict]: 'the session holds this lock in another mode',
  [LockCode.LimitMismatch]: 'limit: the semaphore is in use with another one',
};
