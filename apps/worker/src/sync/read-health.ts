/** The health of a rollout, with the pods and events read only where they can tell more. */

import { labelNames, managerName } from '@windlass/deployment-spec';
import { type Deployment, events, type KubeClient, pods, replicaSets } from '@windlass/kube';
import { needsPods, type RolloutHealth, rolloutHealth } from '@windlass/rollout-health';

/** Pods, replica sets and events that are looked at; a reason is found in the first few or not at all. */
const relatedObjectsMax = 200;

export async function readHealth(
  kube: KubeClient,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<RolloutHealth> {
  if (!needsPods(deployment)) {
    return rolloutHealth({ deployment, replicaSets: [], pods: [], events: [] });
  }
  const namespace = deployment.metadata.namespace ?? '';
  const labelSelector = `${labelNames.managedBy}=${managerName},${labelNames.name}=${deployment.metadata.name}`;
  const options = { limit: relatedObjectsMax, signal };
  const [sets, podList, eventList] = await Promise.all([
    kube.list(replicaSets, { namespace, labelSelector, ...options }),
    kube.list(pods, { namespace, labelSelector, ...options }),
    kube.list(events, { namespace, fieldSelector: 'type=Warning', ...options }),
  ]);
  return rolloutHealth({
    deployment,
    replicaSets: sets.items,
    pods: podList.items,
    events: eventList.items,
  });
}
