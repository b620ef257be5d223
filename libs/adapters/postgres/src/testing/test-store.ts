/** For the integration tests here: a store on a database of its own, and short ways to fill it. */
import { newUuid, required } from '@windlass/base';
import { createLog, createMetrics } from '@windlass/telemetry';
import { testPostgres } from '@windlass/testkit';
import type { QueryResultRow } from 'pg';
import { expect } from 'vitest';
import { connectPostgres, type Postgres } from '../connect.ts';
import type {
  AcceptInput,
  Actor,
  ChangeInput,
  ClaimedRevision,
  DeadLetterInput,
  DeploymentStore,
  ObservedDeployment,
  RequestRecord,
} from '../deployments/contract.ts';
import { createDeploymentStore } from '../deployments/store.ts';

export const quietLog = createLog({
  app: 'test',
  level: 'error',
  format: 'json',
  destination: { write: () => undefined },
});

export const alice: Actor = { userId: 'alice', role: 'user', remoteAddress: '127.0.0.1' };
export const bob: Actor = { userId: 'bob', role: 'user', remoteAddress: null };
export const admin: Actor = { userId: 'root', role: 'admin', remoteAddress: null };
export const everything = { userId: null } as const;
export const firstPage = { limit: 100, after: null } as const;
export const noQuota = { deploymentsMax: 0, replicasMax: 0 } as const;

export type TestStore = {
  readonly url: string;
  readonly postgres: Postgres;
  readonly store: DeploymentStore;
  /** Another process as it were: its own pool and batches on the same database. */
  readonly another: () => Promise<DeploymentStore>;
  readonly rows: <Row extends QueryResultRow>(
    sql: string,
    values?: unknown[],
  ) => Promise<readonly Row[]>;
  /** Fails where a connection wasn't given back to its pool. */
  readonly close: () => Promise<void>;
};

/** Goes round: for work that is shared out among a few. */
export function nth<Item>(items: readonly Item[], index: number): Item {
  return required(items[index % items.length], 'item');
}

export function connectForTest(url: string, poolMax = 10): Promise<Postgres> {
  const metrics = createMetrics('test');
  return connectPostgres({ url, poolMax, tls: null, log: quietLog, metrics });
}

export async function openTestStore(): Promise<TestStore> {
  const database = await testPostgres();
  const postgres = await connectForTest(database.url);
  const opened = [postgres];
  return {
    url: database.url,
    postgres,
    store: createDeploymentStore(postgres),
    another: async () => {
      const other = await connectForTest(database.url);
      opened.push(other);
      return createDeploymentStore(other);
    },
    rows: async <Row extends QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await postgres.pool.query<Row>(sql, values)).rows,
    close: async () => {
      const leaks = opened.map(({ pool }) => ({
        used: pool.totalCount - pool.idleCount,
        waiting: pool.waitingCount,
      }));
      const { rows: miscounted } = await postgres.pool.query(usageDifferences);
      for (const each of opened) await each.close();
      await database.drop();
      expect(miscounted).toEqual([]);
      expect(leaks).toEqual(leaks.map(() => ({ used: 0, waiting: 0 })));
    },
  };
}

/** Users whose row says something else than their identifiers. */
const usageDifferences = `
SELECT u.id, u.deployments, u.replicas, count(x.identifier) AS held, sum(x.replicas) AS held_replicas
  FROM users u
  LEFT JOIN identifiers x ON x.user_id = u.id AND x.released_at IS NULL
 GROUP BY u.id
HAVING (u.deployments, u.replicas) <> (count(x.identifier), coalesce(sum(x.replicas), 0))`;

export function accepting(identifier: string, more: Partial<AcceptInput> = {}): AcceptInput {
  return {
    id: newUuid(),
    requestId: `request-${identifier}`,
    actor: alice,
    payloadHash: 'a'.repeat(64),
    identifier,
    namespace: 'default',
    spec: { image: 'nginx:1.27', replicas: 1 },
    quota: noQuota,
    traceparent: null,
    ...more,
  };
}

export function changing(identifier: string, more: Partial<ChangeInput> = {}): ChangeInput {
  return {
    target: { identifier },
    scope: { userId: 'alice' },
    actor: alice,
    key: null,
    payloadHash: 'b'.repeat(64),
    operation: 'UPDATE',
    ifVersion: null,
    quota: noQuota,
    openRevisionsMax: 10,
    traceparent: null,
    plan: ({ spec }) => ({ ok: true, value: spec }),
    ...more,
  };
}

export function scaling(identifier: string, replicas: number, more: Partial<ChangeInput> = {}) {
  return changing(identifier, {
    operation: 'SCALE',
    plan: ({ spec }) => ({ ok: true, value: { ...spec, replicas } }),
    ...more,
  });
}

export async function accept(
  store: DeploymentStore,
  identifier: string,
  more: Partial<AcceptInput> = {},
): Promise<RequestRecord> {
  const outcome = await store.acceptRequest(accepting(identifier, more));
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.request;
}

export async function change(store: DeploymentStore, input: ChangeInput): Promise<RequestRecord> {
  const outcome = await store.changeRequest(input);
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.request;
}

export function claiming(identifier: string, workerId = 'worker') {
  return { identifier, workerId, leaseMs: 30_000, attemptsMax: 3 };
}

export async function claim(
  store: DeploymentStore,
  identifier: string,
  more: Partial<Parameters<DeploymentStore['claimRevision']>[0]> = {},
): Promise<ClaimedRevision> {
  const outcome = await store.claimRevision({ ...claiming(identifier), ...more });
  if (outcome.kind !== 'claimed') throw new Error(`not claimed: ${JSON.stringify(outcome)}`);
  return outcome.revision;
}

export const broken = { code: 'forbidden', message: 'no' } as const;

export function letterFor(name: string): DeadLetterInput {
  return {
    deduplicationId: name,
    stream: 'REVISIONS',
    subject: `windlass.deployments.revisions.${name}`,
    payload: Uint8Array.of(0, 1, 255),
    reason: 'gave up',
    attempts: 3,
  };
}

/** Claims and ends the oldest open revision. */
export async function finish(
  store: DeploymentStore,
  identifier: string,
  how: 'success' | 'failure' | 'dead' = 'success',
): Promise<void> {
  const revision = await claim(store, identifier);
  const letter = letterFor(`${identifier}-${revision.revision}`);
  const ended = await store.endRevision({
    claim: revision,
    outcome:
      how === 'success'
        ? { kind: 'success' }
        : { kind: 'failure', error: broken, deadLetter: how === 'dead' ? letter : null },
  });
  expect(ended.kind).toBe('ended');
}

export function observing(
  identifier: string,
  resourceVersion: number | string,
  more: Partial<ObservedDeployment> = {},
): ObservedDeployment {
  return {
    identifier,
    namespace: 'default',
    uid: 'uid-1',
    resourceVersion: String(resourceVersion),
    healthVersion: String(resourceVersion),
    generation: 1,
    observedGeneration: 1,
    revision: 1,
    userId: 'alice',
    requestId: `request-${identifier}`,
    image: 'nginx:1.27',
    replicas: 1,
    readyReplicas: 0,
    updatedReplicas: 0,
    availableReplicas: 0,
    paused: false,
    health: 'Progressing',
    healthReason: 'Starting',
    healthMessage: '',
    conditions: [],
    labels: {},
    createdAt: new Date('2026-01-01T00:00:00Z'),
    ...more,
  };
}

/** As the worker does it, where the cluster goes on showing the older revision. */
export async function reopen(
  store: DeploymentStore,
  namespace: string,
  identifier: string,
  observedRevision: number,
): Promise<boolean> {
  const ended = await store.newerEndedRevision(namespace, identifier, observedRevision);
  return ended !== null && (await store.reopenRevision(identifier, ended, observedRevision));
}
