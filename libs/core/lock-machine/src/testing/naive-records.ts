/** What the naive model keeps, and its answers. */
import { LockCode, type LockMode, type Operation, type OperationResult } from '@windlass/lock-wire';

export type ModelSession = {
  readonly id: number;
  readonly ttlMs: number;
  readonly clientName: string;
  lastIndex: number;
  remainingMs: number | null;
  lastSequence: number;
  acknowledged: number;
  answers: OperationResult[];
};

export type ModelHold = {
  readonly key: string;
  readonly session: ModelSession;
  readonly token: number;
  readonly sequence: number;
  readonly mode: LockMode;
  readonly permits: number;
  readonly limit: number;
  readonly lastExclusiveToken: number;
  holdCount: number;
  metadata: Uint8Array;
};

export type ModelWaiter = { readonly session: ModelSession; readonly operation: Operation };

export function plain(sequence: number, code: LockCode, message = ''): OperationResult {
  const zeros = { token: 0, lastExclusiveToken: 0, holdCount: 0, position: 0 };
  return { sequence, code, ...zeros, message };
}

export function exhausted(sequence: number, limit: string): OperationResult {
  return plain(sequence, LockCode.ResourceExhausted, limit);
}

export function granted(hold: ModelHold, sequence: number): OperationResult {
  const { token, lastExclusiveToken, holdCount } = hold;
  return { ...plain(sequence, LockCode.Ok), token, lastExclusiveToken, holdCount };
}
