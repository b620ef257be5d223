/** What the operations on a deployment do to its spec. Each makes a new revision. */
import { unreachable } from '@windlass/base';
import type { DeploymentSpec } from './types.ts';

type Call<Name extends string, Args extends readonly unknown[]> = readonly [
  operation: Name,
  current: DeploymentSpec,
  ...args: Args,
];

export type OperationCall =
  | Call<'SCALE', [args: { readonly replicas: number }]>
  /** nowMs: the wall clock. */
  | Call<'RESTART', [args: { readonly nowMs: number }]>
  | Call<'PAUSE', []>
  | Call<'RESUME', []>
  /** spec: that of the revision which is wanted back. */
  | Call<'ROLLBACK', [args: { readonly spec: DeploymentSpec }]>;

/**
 * The spec after an operation, such as `operationSpec('SCALE', current, { replicas: 3 })`.
 *
 * - SCALE sets the replicas.
 * - RESTART sets restartedAt, which replaces the pods.
 * - PAUSE holds the rollout, RESUME lets it go on.
 * - ROLLBACK brings an earlier spec back, but keeps the present number of replicas and whether the
 *   rollout is held: as with `kubectl rollout undo`, how much runs isn't part of what runs.
 */
export function operationSpec(...[operation, current, args]: OperationCall): DeploymentSpec {
  switch (operation) {
    case 'SCALE':
      return { ...current, replicas: args.replicas };
    case 'RESTART':
      return { ...current, restartedAt: new Date(args.nowMs).toISOString() };
    case 'PAUSE':
      return { ...current, paused: true };
    case 'RESUME':
      return withoutPaused(current);
    case 'ROLLBACK': {
      const wanted = { ...withoutPaused(args.spec), replicas: current.replicas };
      return current.paused === true ? { ...wanted, paused: true } : wanted;
    }
    default:
      return unreachable(operation);
  }
}

function withoutPaused(spec: DeploymentSpec): DeploymentSpec {
  const { paused: _paused, ...rest } = spec;
  return rest;
}
