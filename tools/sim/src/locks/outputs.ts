/** Operations and their results in the words of the linearizability check. */
import { HoldMode, type LockInput, type LockOutput } from '@windlass/linearizability';
import type { OperationResult } from '@windlass/lock-wire';
import { LockCode, LockMode, type Operation, OperationKind } from '@windlass/lock-wire';
import { InvariantBroken } from '../world/world.ts';

export function inputOf(session: number, operation: Operation): LockInput {
  const { kind, limit, mode, permits, sequence, token } = operation;
  switch (kind) {
    case OperationKind.Acquire:
      return { kind: 'acquire', session, sequence, mode: holdModeOf(mode), permits, limit };
    case OperationKind.Release:
      return { kind: 'release', session, token };
    case OperationKind.Cancel:
      return { kind: 'cancel', session, acquireSequence: token };
    case OperationKind.Close:
      return { kind: 'close', session };
    default:
      throw new Error(`the simulation doesn't use operation ${kind}`);
  }
}

/** Null: the result doesn't tell whether it took effect. */
export function outputOf(
  operation: Operation,
  result: OperationResult,
  sends: number,
): LockOutput | null {
  switch (result.code) {
    case LockCode.Ok:
      return doneOf(operation, result);
    case LockCode.Held:
      return { kind: 'held' };
    case LockCode.NotHeld:
      return { kind: 'not-held' };
    case LockCode.ModeConflict:
      return { kind: 'mode-conflict' };
    case LockCode.WaitTimeout:
    case LockCode.Cancelled:
    case LockCode.NotFound:
    case LockCode.LimitMismatch:
      return { kind: 'no-effect' };
    case LockCode.SessionExpired:
      return sends > 1 ? null : { kind: 'session-expired' };
    case LockCode.ResourceExhausted:
    case LockCode.Unavailable:
    case LockCode.NotLeader:
      return null;
    default:
      throw new InvariantBroken(
        'results',
        `operation ${JSON.stringify(operation)} got code ${result.code} ${result.message}`,
      );
  }
}

function doneOf(operation: Operation, { holdCount, token }: OperationResult): LockOutput {
  if (operation.kind === OperationKind.Acquire) return { kind: 'granted', token, holdCount };
  if (operation.kind === OperationKind.Release) return { kind: 'released', holdCount };
  return { kind: 'done' };
}

function holdModeOf(mode: LockMode): HoldMode {
  if (mode === LockMode.Shared) return HoldMode.Shared;
  return mode === LockMode.Semaphore ? HoldMode.Semaphore : HoldMode.Exclusive;
}
