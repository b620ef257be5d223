/** The health of a rollout, with the pods and events read only where they can tell more. */

import { labelNames, managerName } from '@windlass/deployment-spec';
import { type Deployment, events, type KubeClient, pods, replicaSets } from '@windlass/kube';
import { needsPods, type RolloutHealth, rolloutHealth } from '@windlass/rollout-health';

/**
 * A rollout that moved within this time is most likely on its way: its pods are asked only when it has
 * stood still for longer. That saves three lists for each event of a rollout that just works.
 */
const youngMs = 5_000;

/** Pods, replica sets and events that are looked at; a reason is found in the first few or not at all. */
const relatedObjectsMax = 200;

export type JudgedHealth = {
  readonly health: RolloutHealth;
  /** Resource version of the list of pods; null where they were not asked. */
  readonly podsVersion: string | null;
  /** True where the pods may tell more than this, now or later, without the Deployment changing. */
  readonly mayChange: boolean;
};

/** What the Deployment alone says. */
export function healthAlone(deployment: Deployment): JudgedHealth {
  const health = rolloutHealth({ deployment, replicaSets: [], pods: [], events: [] });
  return { health, podsVersion: null, mayChange: needsPods(deployment) };
}

/** Judged by Kubernetes' own note of the last progress, to the second, on this machine's clock. */
export function isYoung({ status }: Deployment, nowMs: number): boolean {
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  const movedAt = progressing?.lastUpdateTime;
  return movedAt === undefined || nowMs - Date.parse(movedAt) < youngMs;
}

export async function readHealth(
  kube: KubeClient,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<JudgedHealth> {
  if (!needsPods(deployment)) return healthAlone(deployment);
  const namespace = deployment.metadata.namespace ?? '';
  const labelSelector = `${labelNames.managedBy}=${managerName},${labelNames.name}=${deployment.metadata.name}`;
  const options = { limit: relatedObjectsMax, signal };
  const [sets, podList, eventList] = await Promise.all([
    kube.list(replicaSets, { namespace, labelSelector, ...options }),
    kube.list(pods, { namespace, labelSelector, ...options }),
    kube.list(events, { namespace, fieldSelector: 'type=Warning', ...options }),
  ]);
  const related = { replicaSets: sets.items, pods: podList.items, events: eventList.items };
  return {
    health: rolloutHealth({ deployment, ...related }),
    podsVersion: podList.resourceVersion,
    mayChange: true,
  };
}
