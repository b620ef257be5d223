/** Deployments as the cluster shows them, and the revisions behind them. */

import type { DeploymentSpec } from '@windlass/deployment-spec';
import type { DeploymentRecord, RevisionRecord } from '@windlass/postgres';
import { Operation, RevisionStatus } from '@windlass/request-machine';
import { Health } from '@windlass/rollout-health';
import { type Static, Type } from 'typebox';
import { nullableTimestamp, oneOf, pageOf, reference, timestamp } from './primitives.ts';

const conditionSchema = Type.Object({
  type: Type.String(),
  status: Type.String(),
  reason: Type.String(),
  message: Type.String(),
  lastTransitionTime: nullableTimestamp('When it last changed.'),
});

export const deploymentSchema = Type.Object(
  {
    identifier: Type.String({ description: 'Name, unique among all users.' }),
    namespace: Type.String(),
    userId: Type.String({ description: 'Whose it is.' }),
    requestId: Type.String({ description: 'The id of the request that owns it.' }),
    revision: Type.Integer({ description: 'The revision that was applied last.' }),
    image: Type.String(),
    replicas: Type.Integer({ description: 'Pods that are wanted.' }),
    readyReplicas: Type.Integer(),
    updatedReplicas: Type.Integer({ description: 'Pods that run the newest template.' }),
    availableReplicas: Type.Integer(),
    paused: Type.Boolean(),
    health: oneOf('How the rollout stands.', Object.values(Health)),
    healthReason: Type.String({ description: 'Why, for programs, such as CrashLoopBackOff.' }),
    healthMessage: Type.String({ description: 'Why, for people.' }),
    conditions: Type.Array(conditionSchema, { description: "The Deployment's own conditions." }),
    labels: Type.Unsafe<Record<string, string>>({
      type: 'object',
      additionalProperties: { type: 'string' },
    }),
    uid: Type.String({ description: "The object's uid in the cluster." }),
    resourceVersion: Type.String({ description: 'The version in the cluster that this shows.' }),
    generation: Type.Integer(),
    observedGeneration: Type.Integer({ description: 'Less than generation: not looked at yet.' }),
    createdAt: timestamp('When the object was made in the cluster.'),
    syncedAt: timestamp('When this was last brought up to date.'),
  },
  { $id: 'Deployment', description: 'A deployment as synced from the cluster.' },
);
export type Deployment = Static<typeof deploymentSchema>;

export const deploymentListSchema = pageOf<Deployment>('DeploymentList', 'Deployment');

export function presentDeployment(record: DeploymentRecord): Deployment {
  return {
    identifier: record.identifier,
    namespace: record.namespace,
    userId: record.userId,
    requestId: record.requestId,
    revision: record.revision,
    image: record.image,
    replicas: record.replicas,
    readyReplicas: record.readyReplicas,
    updatedReplicas: record.updatedReplicas,
    availableReplicas: record.availableReplicas,
    paused: record.paused,
    health: record.health,
    healthReason: record.healthReason,
    healthMessage: record.healthMessage,
    conditions: record.conditions.map((condition) => ({ ...condition })),
    labels: { ...record.labels },
    uid: record.uid,
    resourceVersion: record.resourceVersion,
    generation: record.generation,
    observedGeneration: record.observedGeneration,
    createdAt: record.createdAt.toISOString(),
    syncedAt: record.syncedAt.toISOString(),
  };
}

export const revisionSchema = Type.Object(
  {
    revision: Type.Integer(),
    requestId: Type.String({ description: 'The id of the request that it belongs to.' }),
    operation: oneOf('What it does.', Object.values(Operation)),
    status: oneOf('How it ended.', Object.values(RevisionStatus)),
    spec: reference<DeploymentSpec>('DeploymentSpec'),
    error: Type.Unsafe<{ code: string; message: string } | null>({
      type: ['object', 'null'],
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    }),
    attempts: Type.Integer(),
    createdBy: Type.String({ description: 'The user that asked for it.' }),
    createdAt: timestamp('When it was accepted.'),
    endedAt: nullableTimestamp('When it ended; null while it is open.'),
  },
  { $id: 'Revision', description: 'One accepted change of a deployment.' },
);
export type Revision = Static<typeof revisionSchema>;

export const revisionListSchema = pageOf<Revision>('RevisionList', 'Revision');

export function presentRevision(record: RevisionRecord): Revision {
  return {
    revision: record.revision,
    requestId: record.requestId,
    operation: record.operation,
    status: record.status,
    spec: record.spec,
    error: record.error,
    attempts: record.attempts,
    createdBy: record.createdBy,
    createdAt: record.createdAt.toISOString(),
    endedAt: record.endedAt?.toISOString() ?? null,
  };
}
