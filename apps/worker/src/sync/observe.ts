/**
 * What a Deployment of the cluster looks like as a row. Pure. Where the health was judged by its pods,
 * `podsVersion` is the resource version of their list.
 */

import { required } from '@windlass/base';
import { readOwnership } from '@windlass/deployment-spec';
import type { Deployment } from '@windlass/kube';
import type { ObservedDeployment } from '@windlass/postgres';
import type { RolloutHealth } from '@windlass/rollout-health';

export function observe(
  object: Deployment,
  health: RolloutHealth,
  podsVersion: string | null,
): ObservedDeployment {
  const { metadata, spec, status } = object;
  const ownership = readOwnership(metadata);
  return {
    identifier: required(metadata.name, 'metadata.name'),
    namespace: required(metadata.namespace, 'metadata.namespace'),
    uid: required(metadata.uid, 'metadata.uid'),
    resourceVersion: required(metadata.resourceVersion, 'metadata.resourceVersion'),
    generation: metadata.generation ?? 0,
    observedGeneration: status?.observedGeneration ?? 0,
    revision: ownership.revision,
    userId: ownership.userId,
    requestId: ownership.requestId,
    image: spec?.template?.spec?.containers[0]?.image ?? '',
    replicas: spec?.replicas ?? 1,
    readyReplicas: status?.readyReplicas ?? 0,
    updatedReplicas: status?.updatedReplicas ?? 0,
    availableReplicas: status?.availableReplicas ?? 0,
    paused: spec?.paused ?? false,
    health: health.health,
    healthReason: health.reason,
    healthMessage: health.message,
    healthVersion: podsVersion ?? required(metadata.resourceVersion, 'metadata.resourceVersion'),
    conditions: (status?.conditions ?? []).map((condition) => ({
      type: condition.type,
      status: condition.status,
      reason: condition.reason ?? '',
      message: condition.message ?? '',
      lastTransitionTime: condition.lastTransitionTime ?? null,
    })),
    labels: metadata.labels ?? {},
    createdAt: new Date(required(metadata.creationTimestamp, 'metadata.creationTimestamp')),
  };
}
