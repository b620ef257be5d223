/** Prisma's rows of deployments as records. */
import { Health } from '@windlass/rollout-health';
import type { DeploymentModel } from '../generated/models/Deployment.ts';
import { fromJson, oneOf } from './column-values.ts';
import type { DeploymentRecord } from './contract.ts';

export function deploymentRecord(row: DeploymentModel): DeploymentRecord {
  return {
    identifier: row.identifier,
    namespace: row.namespace,
    uid: row.uid,
    resourceVersion: row.resourceVersion.toFixed(0),
    generation: Number(row.generation),
    observedGeneration: Number(row.observedGeneration),
    revision: Number(row.revision),
    userId: row.userId,
    requestId: row.requestId,
    image: row.image,
    replicas: row.replicas,
    readyReplicas: row.readyReplicas,
    updatedReplicas: row.updatedReplicas,
    availableReplicas: row.availableReplicas,
    paused: row.paused,
    health: oneOf(Health, row.health),
    healthReason: row.healthReason,
    healthMessage: row.healthMessage,
    healthVersion: row.healthVersion.toFixed(0),
    conditions: fromJson(row.conditions),
    labels: fromJson(row.labels),
    createdAt: row.createdAt,
    syncedAt: row.syncedAt,
  };
}
