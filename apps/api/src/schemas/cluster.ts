/** What is read from the cluster on demand: pods, events, and dry runs. */
import { type Static, Type } from 'typebox';
import { nullableInteger, nullableText, nullableTimestamp, timestamp } from './primitives.ts';

export const podSchema = Type.Object(
  {
    name: Type.String(),
    phase: Type.String({ description: 'Pending, Running, Succeeded, Failed or Unknown.' }),
    ready: Type.Boolean(),
    restarts: Type.Integer({ description: 'Restarts of all its containers.' }),
    image: Type.String(),
    node: nullableText('Where it runs; null until it is scheduled.'),
    podIp: nullableText('Its address; null until it has one.'),
    reason: nullableText('Why it does not run, such as CrashLoopBackOff; null where it does.'),
    message: nullableText('The same for people.'),
    containers: Type.Array(
      Type.Object({
        name: Type.String(),
        ready: Type.Boolean(),
        restarts: Type.Integer(),
        state: Type.String({ description: 'waiting, running, terminated or unknown.' }),
        reason: nullableText('Why it is in that state.'),
        message: nullableText('The same for people.'),
        exitCode: nullableInteger('Exit code of the last end; null where there was none.'),
      }),
    ),
    createdAt: timestamp('When it was made.'),
    deletedAt: nullableTimestamp('When its deletion was asked for.'),
  },
  { $id: 'Pod', description: 'A pod of a deployment.' },
);
export type Pod = Static<typeof podSchema>;

export const podListSchema = Type.Unsafe<{ items: Pod[]; nextCursor: null }>({
  $id: 'PodList',
  type: 'object',
  required: ['items', 'nextCursor'],
  properties: {
    items: { type: 'array', items: { $ref: 'Pod#' } },
    nextCursor: { type: 'null', description: 'Always null: the list is whole, up to its bound.' },
  },
});

export const clusterEventSchema = Type.Object(
  {
    object: Type.Object(
      { kind: Type.String(), name: Type.String() },
      { description: 'What it is about.' },
    ),
    type: Type.String({ description: 'Normal or Warning.' }),
    reason: Type.String(),
    message: Type.String(),
    count: Type.Integer({ description: 'How often it happened.' }),
    firstSeenAt: nullableTimestamp('When it first happened.'),
    lastSeenAt: nullableTimestamp('When it last happened.'),
  },
  { $id: 'ClusterEvent', description: 'A Kubernetes event of a deployment or its parts.' },
);
export type ClusterEvent = Static<typeof clusterEventSchema>;

export const clusterEventListSchema = Type.Unsafe<{ items: ClusterEvent[]; nextCursor: null }>({
  $id: 'ClusterEventList',
  type: 'object',
  required: ['items', 'nextCursor'],
  properties: {
    items: { type: 'array', items: { $ref: 'ClusterEvent#' } },
    nextCursor: { type: 'null', description: 'Always null: the list is whole, up to its bound.' },
  },
});

/** The answer of `?dryRun=server`. */
export const dryRunSchema = Type.Object(
  {
    valid: Type.Boolean({
      description: 'True where the same call without dryRun would be accepted.',
    }),
    problems: Type.Array(
      Type.Object({
        code: Type.String({ description: "As in problem documents, or the cluster's own reason." }),
        field: nullableText('The field that is at fault, where there is one.'),
        message: Type.String(),
      }),
    ),
    manifest: Type.Unsafe<unknown>({
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'The Deployment as it would be sent; null for a deletion.',
    }),
    service: Type.Unsafe<unknown>({
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'The Service as it would be sent; null where the spec has none.',
    }),
    diff: Type.Array(
      Type.Object({
        object: Type.String({ description: 'Deployment or Service.' }),
        path: Type.String({ description: 'Such as `spec.replicas`.' }),
        before: Type.Unsafe<unknown>({ description: 'Null where absent.' }),
        after: Type.Unsafe<unknown>({ description: 'Null where absent.' }),
      }),
      { description: 'What would change in the cluster, sorted by path.' },
    ),
  },
  { $id: 'DryRun', description: 'What would happen; nothing was queued.' },
);
export type DryRun = Static<typeof dryRunSchema>;
