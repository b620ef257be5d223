/** A worker in this process, on real servers, with a database, prefix and namespace of its own. */
import { createHash } from 'node:crypto';
import { newUuid } from '@windlass/base';
import type { DeploymentSpec } from '@windlass/deployment-spec';
import {
  connectKube,
  type Deployment,
  deployments,
  findObject,
  type KubeClient,
} from '@windlass/kube';
import type { Scope, StopHook } from '@windlass/lifecycle';
import {
  type Bus,
  connectNats,
  deploymentStreams,
  encodeMessage,
  ensureStreams,
  publish,
  subjects,
} from '@windlass/nats';
import {
  type Actor,
  type ChangeInput,
  connectPostgres,
  createDeploymentStore,
  type DeploymentStore,
  type RequestRecord,
} from '@windlass/postgres';
import { DeploymentWakeSchema, RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import { createLog, createMetrics } from '@windlass/telemetry';
import { eventually, testKubernetes, testNats, testPostgres } from '@windlass/testkit';
import { startWorker, type WorkerDeps } from '../app.ts';

export type WorkerFixture = {
  readonly store: DeploymentStore;
  readonly kube: KubeClient;
  readonly bus: Bus;
  readonly prefix: string;
  readonly namespace: string;
  /** Starts one more worker; the returned function stops it in order. */
  readonly start: (overrides?: Partial<WorkerDeps>) => () => Promise<void>;
  /** Accepts a creation and wakes the worker, as the API and its relay do. */
  readonly create: (identifier: string, spec?: Partial<DeploymentSpec>) => Promise<RequestRecord>;
  readonly change: (
    identifier: string,
    operation: ChangeInput['operation'],
    change?: (spec: DeploymentSpec) => DeploymentSpec,
  ) => Promise<RequestRecord>;
  readonly wakeRevision: (identifier: string) => Promise<void>;
  readonly wakeSync: (name: string) => Promise<void>;
  /** The request once it isn't CREATED any more. */
  readonly ended: (request: RequestRecord) => Promise<RequestRecord>;
  readonly find: (name: string) => Promise<Deployment | null>;
  readonly close: () => Promise<void>;
};

export const actor: Actor = { userId: 'ada', role: 'user', remoteAddress: null };
const scope = { userId: actor.userId };
const noQuota = { deploymentsMax: 0, replicasMax: 0 };
const endDeadlineMs = 30_000;

/** Quick retries, so that a test of a failure takes no minutes. */
export const testSettings = {
  revisionConcurrency: 8,
  syncConcurrency: 4,
  attemptsMax: 4,
  retryInitialMs: 50,
  retryMaxMs: 200,
  claimLeaseMs: 5_000,
  sweepIntervalMs: 200,
  standingStillMs: 1_000,
  shutdownGraceMs: 20_000,
} as const;

export async function workerFixture(): Promise<WorkerFixture> {
  const [database, nats, cluster] = await Promise.all([
    testPostgres(),
    testNats(),
    testKubernetes(),
  ]);
  const log = createLog({ app: 'worker-test', level: 'error', format: 'text' });
  const metrics = createMetrics('worker-test');
  const postgres = await connectPostgres({
    url: database.url,
    poolMax: 8,
    tls: null,
    log,
    metrics,
  });
  const bus = await connectNats({
    url: nats.url,
    tls: null,
    credentials: null,
    name: 'worker-test',
    log,
    metrics,
  });
  await ensureStreams(bus, deploymentStreams(nats.prefix, 1));
  const { kubeconfigPath, namespace } = cluster;
  const kube = await connectKube({ kubeconfigPath, context: null, log, metrics });
  const store = createDeploymentStore(postgres);
  const stops: (() => Promise<void>)[] = [];

  const wakeRevision = async (identifier: string) => {
    await publish(bus, {
      subject: subjects.revision(nats.prefix, identifier),
      id: newUuid(),
      ...encodeMessage(RevisionWakeSchema, { identifier }),
    });
  };
  return {
    store,
    kube,
    bus,
    prefix: nats.prefix,
    namespace,
    wakeRevision,
    start: (overrides = {}) => {
      const { scope: workerScope, stop } = testScope();
      const settings = { ...testSettings, natsSubjectPrefix: nats.prefix };
      startWorker({
        settings,
        store,
        bus,
        kube,
        log,
        metrics: createMetrics('worker-test'),
        scope: workerScope,
        ...overrides,
      });
      stops.push(stop);
      return stop;
    },
    create: async (identifier, spec = {}) => {
      const request = await accept(store, namespace, identifier, spec);
      await wakeRevision(identifier);
      return request;
    },
    change: async (identifier, operation, change = (spec) => spec) => {
      const outcome = await store.changeRequest({
        target: { identifier },
        scope,
        actor,
        key: null,
        payloadHash: sha256(newUuid()),
        operation,
        ifVersion: null,
        quota: noQuota,
        openRevisionsMax: 100,
        traceparent: null,
        plan: (current) => ({ ok: true, value: change(current.spec) }),
      });
      if (outcome.kind !== 'accepted') throw new Error(`the change is ${outcome.kind}`);
      await wakeRevision(identifier);
      return outcome.request;
    },
    wakeSync: async (name) => {
      await publish(bus, {
        subject: subjects.sync(nats.prefix, namespace, name),
        id: newUuid(),
        ...encodeMessage(DeploymentWakeSchema, { namespace, name }),
      });
    },
    ended: (request) =>
      eventually(
        async () => {
          const now = await store.getRequest(scope, request.id);
          if (now === null || now.status === 'CREATED') throw new Error(`still ${now?.status}`);
          return now;
        },
        { deadlineMs: endDeadlineMs },
      ),
    find: (name) => findObject(kube, deployments, { namespace, name }),
    close: async () => {
      await Promise.all(stops.map((stop) => stop()));
      await bus.close();
      kube.close();
      await postgres.close();
      await Promise.all([nats.drop(), cluster.drop(), database.drop()]);
    },
  };
}

/** Accepts a creation without waking anybody. */
export async function accept(
  store: DeploymentStore,
  namespace: string,
  identifier: string,
  spec: Partial<DeploymentSpec> = {},
): Promise<RequestRecord> {
  const outcome = await store.acceptRequest({
    id: newUuid(),
    requestId: newUuid(),
    actor,
    payloadHash: sha256(identifier),
    identifier,
    namespace,
    spec: { image: 'nginx:1.27', replicas: 1, ...spec },
    quota: noQuota,
    traceparent: null,
  });
  if (outcome.kind !== 'accepted') throw new Error(`the creation is ${outcome.kind}`);
  return outcome.request;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function testScope(): { readonly scope: Scope; readonly stop: () => Promise<void> } {
  const controller = new AbortController();
  const hooks: StopHook[] = [];
  return {
    scope: {
      signal: controller.signal,
      onStop: (_name, hook) => {
        hooks.push(hook);
      },
      fail: (error) => {
        throw error;
      },
    },
    stop: async () => {
      controller.abort();
      for (let hook = hooks.pop(); hook !== undefined; hook = hooks.pop()) await hook();
    },
  };
}
