/** What the end of a stream, and a refusal inside it, mean for the session. */
import { LockCode, type OperationResult } from '@windlass/lock-wire';
import type { LockErrorCode } from '../lock-error.ts';

export type StreamEnd = {
  /** What the node said; null where the stream broke or ended without a code. */
  readonly code: LockErrorCode | null;
  readonly message: string;
  /** host:port, or ''. */
  readonly leaderAddress: string;
  /** The node ended it without an error. */
  readonly isRegular: boolean;
  readonly cause: unknown;
};

export const StreamVerdict = {
  /** Another node leads. */
  Redirect: 'redirect',
  /** The session is gone. */
  Expired: 'expired',
  /** Another try would be answered just the same. */
  Refused: 'refused',
  /** Try again, elsewhere. */
  Broken: 'broken',
} as const;
export type StreamVerdict = (typeof StreamVerdict)[keyof typeof StreamVerdict];

export function verdictOf({ code }: StreamEnd): StreamVerdict {
  switch (code) {
    case 'NotLeader':
      return StreamVerdict.Redirect;
    case 'SessionExpired':
      return StreamVerdict.Expired;
    case 'Invalid':
    case 'PermissionDenied':
    case 'Unimplemented':
      return StreamVerdict.Refused;
    default:
      return StreamVerdict.Broken;
  }
}

/** Bounds of the node that are full for a moment only; it didn't look at the operation. */
const passingBounds = ['inflightOperationsMax', 'unacknowledgedPerSessionMax'];

/** True where the same operation, with the same sequence, may be taken later. */
export function isPassingRefusal({ code, message }: OperationResult): boolean {
  if (code === LockCode.NotLeader || code === LockCode.Unavailable) return true;
  if (code !== LockCode.ResourceExhausted) return false;
  return passingBounds.some((bound) => message.startsWith(bound));
}
