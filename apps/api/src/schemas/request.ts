/** Deployment requests: what is sent, what is answered, and how a row becomes an answer. */

import type { DeploymentSpec } from '@windlass/deployment-spec';
import type { RequestRecord } from '@windlass/postgres';
import { Operation, RequestStatus, RequestType } from '@windlass/request-machine';
import { type Static, Type } from 'typebox';
import { label, nullableTimestamp, oneOf, pageOf, reference, timestamp } from './primitives.ts';
import { imageSchema, replicasSchema, specPatchProperties, specProperties } from './spec.ts';

export const identifierSchema = label(
  'Name of the deployment, unique among all users, and of the Deployment in Kubernetes.',
);
export const namespaceSchema = label('Kubernetes namespace.');

export const createBodySchema = Type.Object(
  {
    identifier: identifierSchema,
    image: imageSchema,
    namespace: Type.Optional(namespaceSchema),
    replicas: Type.Optional(replicasSchema),
    ...specProperties,
  },
  {
    $id: 'CreateDeploymentRequest',
    additionalProperties: false,
    description: 'What is asked for. namespace defaults to the configured one, replicas to 1.',
    examples: [
      { identifier: 'web', image: 'nginx:1.27' },
      {
        identifier: 'shop',
        image: 'ghcr.io/acme/shop:2.4.1',
        namespace: 'shop',
        replicas: 3,
        ports: [{ name: 'http', containerPort: 8080 }],
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'DB_PASSWORD', secretKeyRef: { name: 'shop-db', key: 'password' } },
        ],
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
        readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
        service: { ports: [{ port: 80, targetPort: 'http' }] },
      },
    ],
  },
);
export type CreateBody = Static<typeof createBodySchema>;

export const createBodyReference = reference<CreateBody>('CreateDeploymentRequest');

export type PatchBody = Readonly<Record<string, unknown>>;
export const patchBodySchema = Type.Unsafe<PatchBody>({
  $id: 'PatchDeploymentRequest',
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description:
    'A JSON merge patch (RFC 7396) of the spec: null removes a member, lists are replaced as a whole. identifier and namespace can be repeated, not changed.',
  properties: { identifier: identifierSchema, namespace: namespaceSchema, ...specPatchProperties },
  examples: [{ image: 'nginx:1.28' }, { replicas: 3, env: null }],
});

export const patchBodyReference = reference<PatchBody>('PatchDeploymentRequest');

/** How long the answer was held back, and for what. */
export const WaitOutcome = {
  /** `wait=applied`: the request ended in SUCCESS. */
  Applied: 'applied',
  /** The request ended in FAILURE. */
  Failed: 'failed',
  /** `wait=rollout`: the deployment's health when it was settled. */
  Healthy: 'healthy',
  Degraded: 'degraded',
  Suspended: 'suspended',
  /** The deployment is gone, as asked. */
  Deleted: 'deleted',
  /** The time was over first; the request goes on. */
  Timeout: 'timeout',
  /** The server is shutting down; the request goes on. */
  Interrupted: 'interrupted',
} as const;
export type WaitOutcome = (typeof WaitOutcome)[keyof typeof WaitOutcome];

export const requestSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'Made by the server.' }),
    requestId: Type.String({ description: 'The X-Request-ID under which it was made.' }),
    userId: Type.String({ description: 'Whose it is.' }),
    identifier: Type.String({ description: 'Name of the deployment.' }),
    namespace: Type.String({ description: 'Kubernetes namespace.' }),
    type: oneOf('What is asked for now.', Object.values(RequestType)),
    operation: oneOf('What the newest revision does.', Object.values(Operation)),
    status: oneOf(
      'CREATED: accepted. SUCCESS: applied to the cluster. FAILURE: given up, see error.',
      Object.values(RequestStatus),
    ),
    revision: Type.Integer({ description: 'Rises by one with every change.' }),
    spec: reference<DeploymentSpec>('DeploymentSpec'),
    error: Type.Unsafe<{ code: string; message: string } | null>({
      type: ['object', 'null'],
      description: 'Why it failed; null otherwise.',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    }),
    deadLettered: Type.Boolean({ description: 'It failed and lies in the dead letters.' }),
    attempts: Type.Integer({ description: 'Tries of the newest revision.' }),
    createdAt: timestamp('When it was made.'),
    updatedAt: timestamp('When it last changed.'),
    completedAt: nullableTimestamp('When the newest revision ended; null while it is open.'),
    waited: Type.Optional(
      Type.Object(
        {
          outcome: oneOf('What ended the wait.', Object.values(WaitOutcome)),
          health: Type.Optional(
            Type.String({ description: "The deployment's health, where known." }),
          ),
          reason: Type.Optional(Type.String({ description: 'Why it has that health.' })),
          message: Type.Optional(Type.String({ description: 'The same for people.' })),
        },
        { description: 'Only with ?wait.' },
      ),
    ),
  },
  {
    $id: 'DeploymentRequest',
    description: 'A deployment request.',
    examples: [
      {
        id: '01930f0e-8c5a-7d2b-9d6e-0a4f5b1c2d3e',
        requestId: 'create-web-1',
        userId: 'alice',
        identifier: 'web',
        namespace: 'default',
        type: 'CREATE',
        operation: 'CREATE',
        status: 'CREATED',
        revision: 1,
        spec: { image: 'nginx:1.27', replicas: 1 },
        error: null,
        deadLettered: false,
        attempts: 0,
        createdAt: '2026-01-05T10:00:00.000Z',
        updatedAt: '2026-01-05T10:00:00.000Z',
        completedAt: null,
      },
    ],
  },
);
export type DeploymentRequest = Static<typeof requestSchema>;
export type Waited = NonNullable<DeploymentRequest['waited']>;

export const requestListSchema = pageOf<DeploymentRequest>(
  'DeploymentRequestList',
  'DeploymentRequest',
);

export function presentRequest(record: RequestRecord, waited?: Waited | null): DeploymentRequest {
  const presented: DeploymentRequest = {
    id: record.id,
    requestId: record.requestId,
    userId: record.userId,
    identifier: record.identifier,
    namespace: record.namespace,
    type: record.type,
    operation: record.operation,
    status: record.status,
    revision: record.revision,
    spec: record.spec,
    error: record.error,
    deadLettered: record.deadLettered,
    attempts: record.attempts,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    completedAt: record.completedAt?.toISOString() ?? null,
  };
  return waited === undefined || waited === null ? presented : { ...presented, waited };
}
