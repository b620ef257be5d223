/** How a LockCode crosses to gRPC. docs/locks.md has the same table for people (a test compares). */
import { status } from '@grpc/grpc-js';
import { LockCode } from '@windlass/lock-wire';

export const lockStatuses: Readonly<Record<LockCode, status>> = {
  [LockCode.Ok]: status.OK,
  [LockCode.Queued]: status.OK,
  [LockCode.Held]: status.ABORTED,
  [LockCode.WaitTimeout]: status.DEADLINE_EXCEEDED,
  [LockCode.Cancelled]: status.CANCELLED,
  [LockCode.NotHeld]: status.FAILED_PRECONDITION,
  [LockCode.SessionExpired]: status.FAILED_PRECONDITION,
  [LockCode.SequenceForgotten]: status.OUT_OF_RANGE,
  [LockCode.ModeConflict]: status.FAILED_PRECONDITION,
  [LockCode.LimitMismatch]: status.FAILED_PRECONDITION,
  [LockCode.Invalid]: status.INVALID_ARGUMENT,
  [LockCode.ResourceExhausted]: status.RESOURCE_EXHAUSTED,
  [LockCode.NotLeader]: status.UNAVAILABLE,
  [LockCode.Unavailable]: status.UNAVAILABLE,
  [LockCode.NotFound]: status.NOT_FOUND,
  [LockCode.PermissionDenied]: status.PERMISSION_DENIED,
  [LockCode.Unimplemented]: status.UNIMPLEMENTED,
  [LockCode.ForceReleased]: status.ABORTED,
};
