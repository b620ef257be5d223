/**
 * The cluster, as far as the API asks it directly: for dry runs, pods, events and logs. While it is
 * away those answer 503; everything else goes on.
 */
import { labelNames, managerName } from '@windlass/deployment-spec';
import { WindlassError } from '@windlass/errors';
import { classifyKubeError, type KubeClient, KubeError } from '@windlass/kube';

/** A caller waits for it, and a gateway in front gives up after 30 s at most. */
export const clusterDeadlineMs = 10_000;
/** What a caller is told to wait, where the cluster itself says nothing. */
const clusterRetryAfterMs = 5_000;

export type Cluster = { readonly kube: KubeClient | null };

/** The client, or 503 where this process was started without access to a cluster. */
export function kubeOf(cluster: Cluster): KubeClient {
  if (cluster.kube !== null) return cluster.kube;
  throw new WindlassError('unavailable', 'This server has no access to a cluster.');
}

/** Selects what belongs to a deployment: its replica sets and pods. */
export function partsSelector(identifier: string): string {
  return `${labelNames.managedBy}=${managerName},${labelNames.name}=${identifier}`;
}

/** The result, or null where the object isn't there. Other failures as `clusterFailure` says. */
export async function orNull<Value>(call: Promise<Value>): Promise<Value | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof KubeError && classifyKubeError(error) === 'not-found') return null;
    throw clusterFailure(error);
  }
}

/**
 * What the caller is told about a failed call: the cluster's own words where it refused the call
 * (409), 503 where it is away or busy. What isn't a KubeError is a bug and stays one.
 */
export function clusterFailure(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  const kind = classifyKubeError(error);
  switch (kind) {
    case 'not-found':
      return new WindlassError('not-found', 'The cluster has no such object.', { cause: error });
    case 'final':
    case 'already-exists':
      return new WindlassError('conflict', `The cluster refuses it: ${error.message}`, {
        cause: error,
      });
    case 'conflict':
    case 'gone':
    case 'passing':
      return new WindlassError('unavailable', "The cluster doesn't answer now.", {
        cause: error,
        retryAfterMs: error.retryAfterMs ?? clusterRetryAfterMs,
      });
    default:
      return kind satisfies never;
  }
}
