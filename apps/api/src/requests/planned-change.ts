/** A change of a request that exists, before it is made. */
import type { Result } from '@windlass/base';
import type { DeploymentSpec } from '@windlass/deployment-spec';
import type { WindlassError } from '@windlass/errors';
import type { ChangeInput, RequestRecord } from '@windlass/postgres';
import type { Operation } from '@windlass/request-machine';

export type Change = {
  readonly target: ChangeInput['target'];
  readonly operation: Operation;
  /** What the caller sent: part of what makes two calls the same. */
  readonly body: unknown;
  /** For ROLLBACK; null: the last revision that succeeded before. */
  readonly rollbackTo: number | null;
  /** The new spec, or why there is none. Pure: it is called with the row locked. */
  readonly plan: (
    current: RequestRecord,
    rollbackSpec: DeploymentSpec | null,
  ) => Result<DeploymentSpec, WindlassError>;
};
