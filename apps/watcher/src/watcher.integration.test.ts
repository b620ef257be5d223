import { connectKube, deployments, type KubeClient } from '@windlass/kube';
import { createHealth, type Scope, type StopHook } from '@windlass/lifecycle';
import {
  type Bus,
  connectNats,
  decodeMessage,
  deploymentStreams,
  ensureStreams,
  StreamKind,
  streamName,
} from '@windlass/nats';
import { DeploymentWakeSchema, RelistWakeSchema } from '@windlass/proto/deployment/v1';
import { createLog, createMetrics } from '@windlass/telemetry';
import { eventually, testKubernetes, testNats } from '@windlass/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startWatcher } from './app.ts';

const log = createLog({ app: 'watcher-test', level: 'error', format: 'text' });

const metrics = createMetrics('watcher-test');
let kube: KubeClient;
let bus: Bus;
let cluster: Awaited<ReturnType<typeof testKubernetes>>;
let nats: Awaited<ReturnType<typeof testNats>>;
const running: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [cluster, nats] = await Promise.all([testKubernetes(), testNats()]);
  kube = await connectKube({ kubeconfigPath: cluster.kubeconfigPath, context: null, log, metrics });
  bus = await connectNats({
    url: nats.url,
    tls: null,
    credentials: null,
    name: 'test',
    log,
    metrics,
  });
  await ensureStreams(bus, deploymentStreams(nats.prefix, 1));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});
afterAll(async () => {
  kube.close();
  await bus.close();
  await Promise.all([nats.drop(), cluster.drop()]);
});

describe('the watcher', () => {
  it('says the name of what changes, with the version that it saw', async () => {
    watcher();
    const created = await deploy('told');
    const wake = await eventually(() => wakeOf('told'));
    expect(wake).toMatchObject({ namespace: cluster.namespace, name: 'told' });
    expect(BigInt(wake.resourceVersion)).toBeGreaterThanOrEqual(
      BigInt(created.metadata.resourceVersion ?? '0'),
    );
  });

  it('asks for a comparison once its first list is complete', async () => {
    watcher();
    const asked = await eventually(() => newest(`${nats.prefix}.deployments.sync._all._all`));
    expect(asked.header.get('Windlass-Type')).toBe(RelistWakeSchema.typeName);
  });

  it('tells of a deletion', async () => {
    watcher();
    await deploy('deleted');
    const before = await eventually(() => sequenceOf('deleted'));
    await kube.delete(deployments, { namespace: cluster.namespace, name: 'deleted' });
    await eventually(async () => expect(await sequenceOf('deleted')).toBeGreaterThan(before));
  });

  it('says nothing of what Windlass did not make', async () => {
    watcher();
    await deploy('foreign', { 'app.kubernetes.io/managed-by': 'somebody' });
    await deploy('ours');
    await eventually(() => wakeOf('ours'));
    await expect(wakeOf('foreign')).rejects.toThrow('no message found');
  });

  it('is harmless when several run: one version is one message', async () => {
    watcher();
    watcher();
    await deploy('twice', {}, 0);
    await eventually(() => wakeOf('twice'));
    const duplicates = /nats_publish_seconds_count\{[^}]*"duplicate"[^}]*\} [1-9]/;
    await eventually(async () => expect(await metrics.text()).toMatch(duplicates));
  });
});

function watcher(): void {
  const controller = new AbortController();
  const hooks: StopHook[] = [];
  const scope: Scope = {
    signal: controller.signal,
    onStop: (_name, hook) => {
      hooks.push(hook);
    },
    fail: (error) => {
      throw error;
    },
  };
  startWatcher({
    settings: {
      natsSubjectPrefix: nats.prefix,
      watchNamespace: cluster.namespace,
      relistMs: 60_000,
      coalesceMs: 50,
    },
    bus,
    kube,
    log,
    metrics: createMetrics('watcher-test'),
    health: createHealth(),
    scope,
  });
  running.push(async () => {
    controller.abort();
    for (let hook = hooks.pop(); hook !== undefined; hook = hooks.pop()) await hook();
  });
}

function deploy(name: string, moreLabels: Readonly<Record<string, string>> = {}, replicas = 1) {
  const labels = { 'app.kubernetes.io/managed-by': 'windlass', app: name, ...moreLabels };
  return kube.create(
    deployments,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: cluster.namespace, labels },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] },
        },
      },
    },
    { fieldManager: 'test' },
  );
}

function syncStream(): string {
  return streamName(nats.prefix, StreamKind.Sync);
}

function subjectOf(name: string): string {
  return `${nats.prefix}.deployments.sync.${cluster.namespace}.${name}`;
}

async function newest(subject: string) {
  const manager = await bus.jetstream.jetstreamManager();
  return manager.streams.getMessage(syncStream(), { last_by_subj: subject });
}

async function sequenceOf(name: string): Promise<number> {
  return (await newest(subjectOf(name))).seq;
}

async function wakeOf(name: string) {
  const stored = await newest(subjectOf(name));
  const type = DeploymentWakeSchema.typeName;
  const decoded = decodeMessage(DeploymentWakeSchema, { type, payload: stored.data });
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}
