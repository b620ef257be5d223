/** Failures of lock operations on their way to gRPC: the code, and a LockError in the details. */
import { create } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { GrpcError, type GrpcStatus, statusOf } from '@windlass/grpc';
import { LockErrorSchema } from '@windlass/proto/lock/v1';
import { LockFailure } from '../node/lock-failure.ts';
import { lockStatuses } from './lock-statuses.ts';

/** What a handler throws: a LockFailure becomes its status, anything else stays what it is. */
export function toGrpcError(error: unknown): unknown {
  if (!(error instanceof LockFailure)) return error;
  const { code, leaderAddress, message } = error;
  const detail = create(LockErrorSchema, { code, message, leaderAddress });
  return new GrpcError(lockStatuses[code], message, {
    details: [anyPack(LockErrorSchema, detail)],
    cause: error,
  });
}

/** The same as what a stream ends with. */
export function toServiceError(error: unknown): GrpcStatus {
  return statusOf(toGrpcError(error));
}
