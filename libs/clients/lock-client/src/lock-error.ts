/** The one error of this library. Its code says what happened, in the words of lock.proto. */
import { LockCode } from '@windlass/lock-wire';

/** Names of LockCode, and two of this side: what can only happen here. */
export type LockErrorCode = Exclude<keyof typeof LockCode, 'Ok' | 'Queued'> | 'Closed';

const names = new Map<number, LockErrorCode>();
for (const [name, code] of Object.entries(LockCode)) {
  if (isErrorCode(name)) names.set(code, name);
}

export class LockError extends Error {
  override readonly name = 'LockError';
  /**
   * - `Held`, `WaitTimeout`, `Cancelled`: the lock wasn't got
   * - `SessionExpired`, `ForceReleased`, `NotHeld`: what was held is lost
   * - `ModeConflict`, `LimitMismatch`, `Invalid`, `NotFound`, `PermissionDenied`, `Unimplemented`:
   *   the request is at fault
   * - `ResourceExhausted`: the bound that the message names is reached
   * - `Unavailable`, `NotLeader`: no answer in time; an acquire that ends so holds nothing
   * - `SequenceForgotten`: a bug
   * - `Closed`: the client was closed
   */
  readonly code: LockErrorCode;

  constructor(code: LockErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The error of an operation that ended with a code other than Ok and Queued. */
export function lockErrorOf(code: LockCode, message: string, about: string): LockError {
  const name = names.get(code) ?? 'Unimplemented';
  return new LockError(name, message === '' ? `${about}: ${name}` : `${about}: ${message}`);
}

/** The name of a code that came in the details of a gRPC status; null for what isn't an error. */
export function errorCodeOf(code: number): LockErrorCode | null {
  return names.get(code) ?? null;
}

function isErrorCode(name: string): name is LockErrorCode {
  return name in LockCode && name !== 'Ok' && name !== 'Queued';
}
