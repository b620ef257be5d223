/** A lock operation that can't be answered as its caller wished; crosses to gRPC in errors.ts. */
import type { LockCode } from '@windlass/lock-wire';

export class LockFailure extends Error {
  override readonly name = 'LockFailure';
  readonly code: LockCode;
  /** host:port of the leader, or ''. */
  readonly leaderAddress: string;

  constructor(code: LockCode, message: string, leaderAddress = '') {
    super(message);
    this.code = code;
    this.leaderAddress = leaderAddress;
  }
}
