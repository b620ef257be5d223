/**
 * Whether a dry run would be over the user's quota. The real thing is counted by the store, in the
 * transaction that accepts it; this only tells beforehand.
 */
import type { DeploymentStore, RequestRecord } from '@windlass/postgres';
import { RequestStatus, RequestType } from '@windlass/request-machine';
import type { DryRunProblem } from '../cluster/dry-run.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { quotaExceeded } from './refusals.ts';

const requestsPerPageMax = 200;
/** 20,000 requests: beyond that a dry run doesn't count. */
const pagesMax = 100;

/** Problems of asking for this much more than the user has now. */
export async function quotaProblems(
  store: Pick<DeploymentStore, 'listRequests'>,
  settings: RouteDependencies['settings'],
  userId: string,
  more: { readonly deployments: number; readonly replicas: number },
): Promise<readonly DryRunProblem[]> {
  const { quotaDeploymentsMax, quotaReplicasMax } = settings;
  if (quotaDeploymentsMax === 0 && quotaReplicasMax === 0) return [];
  const used = await usageOf(store, userId);
  const overDeployments =
    quotaDeploymentsMax > 0 &&
    more.deployments > 0 &&
    used.deployments + more.deployments > quotaDeploymentsMax;
  const overReplicas =
    quotaReplicasMax > 0 && more.replicas > 0 && used.replicas + more.replicas > quotaReplicasMax;
  return [
    ...(overDeployments ? [quotaExceeded('deploymentsMax', quotaDeploymentsMax)] : []),
    ...(overReplicas ? [quotaExceeded('replicasMax', quotaReplicasMax)] : []),
  ].flatMap((error) =>
    error.fields.map(({ field, message }) => ({ code: error.code, field, message })),
  );
}

async function usageOf(store: Pick<DeploymentStore, 'listRequests'>, userId: string) {
  let [deployments, replicas] = [0, 0];
  let after = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const { items, next } = await store.listRequests(
      { userId },
      {},
      { limit: requestsPerPageMax, after },
    );
    const held = items.filter((record) => !isReleased(record));
    deployments += held.length;
    replicas += held.reduce((sum, record) => sum + record.spec.replicas, 0);
    if (next === null) break;
    after = next;
  }
  return { deployments, replicas };
}

/** True once the deletion has been carried out: the identifier is free again. */
export function isReleased(record: Pick<RequestRecord, 'type' | 'status'>): boolean {
  return record.type === RequestType.Delete && record.status === RequestStatus.Success;
}
