/** The health of a rollout, with the pods and events read only where they can tell more. */

import { labelNames, managerName } from '@windlass/deployment-spec';
import { type Deployment, events, type KubeClient, pods, replicaSets } from '@windlass/kube';
import { needsPods, type RolloutHealth, rolloutHealth } from '@windlass/rollout-health';

/** Pods, replica sets and events that are looked at; a reason is found in the first few or not at all. */
const relatedObjectsMax = 200;

export type JudgedHealth = {
  readonly health: RolloutHealth;
  /** Resource version of the list of pods; null where none was needed. */
  readonly podsVersion: string | null;
};

export async function readHealth(
  kube: KubeClient,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<JudgedHealth> {
  if (!needsPods(deployment)) {
    const health = rolloutHealth({ deployment, replicaSets: [], pods: [], events: [] });
    return { health, podsVersion: null };
  }
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
  };
}
