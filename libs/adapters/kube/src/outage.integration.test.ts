/** A control plane of its own, whose API server is killed, frozen and brought back. */
import { required } from '@windlass/base';
import { eventually, type OwnServer, ownServer, startKubernetes } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KubeClient, namespaces } from './index.ts';
import {
  churn,
  configMap,
  configMaps,
  convergence,
  type Mirror,
  openTestClient,
  startMirror,
} from './testing/kube-fixture.ts';

type Kubernetes = Awaited<ReturnType<typeof startKubernetes>>;

const options = { fieldManager: 'test' };
const namespace = 'outage';

let kubernetes: OwnServer<Kubernetes>;
let watcher: KubeClient;
let direct: KubeClient;
let mirror: Mirror;

beforeAll(async () => {
  kubernetes = await ownServer(startKubernetes, { nodesCount: 0 });
  const { kubeconfigPath } = kubernetes.current();
  watcher = (await openTestClient(kubeconfigPath)).client;
  direct = (await openTestClient(kubeconfigPath)).client;
  await direct.create(namespaces, { metadata: { name: namespace } }, options);
  mirror = startMirror(watcher, namespace);
  await mirror.synced;
});

afterAll(async () => {
  await mirror?.stop();
  watcher?.close();
  direct?.close();
  await kubernetes?.drop();
});

async function make(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await direct.create(configMaps, configMap(namespace, name), options);
  }
}

async function untilAnswering(): Promise<void> {
  await eventually(() => direct.list(configMaps, { namespace, deadlineMs: 1_000 }), {
    deadlineMs: 30_000,
  });
}

describe('list and watch beside an API server that comes and goes', () => {
  it('goes on after the API server was killed and started again', async () => {
    await make('kept', 'changed', 'removed');
    await convergence(mirror, direct, namespace, 2_000);
    const server = required(kubernetes, 'kubernetes').current();
    await server.component('kube-apiserver').kill();
    await eventually(() => expect(mirror.signalAgeMs()).toBeGreaterThan(3_000), {
      deadlineMs: 10_000,
    });
    await server.start('kube-apiserver');
    await untilAnswering();
    await churn(direct, namespace, { make: 'made', change: 'changed', remove: 'removed' });
    await convergence(mirror, direct, namespace, 10_000);
  });

  it('goes on after the API server stood still with its connections open', async () => {
    await make('kept2', 'changed2', 'removed2');
    await convergence(mirror, direct, namespace, 2_000);
    const server = required(kubernetes, 'kubernetes').current();
    await server.component('kube-apiserver').pause();
    await eventually(() => expect(mirror.signalAgeMs()).toBeGreaterThan(20_000), {
      deadlineMs: 30_000,
    });
    await server.component('kube-apiserver').resume();
    await untilAnswering();
    await churn(direct, namespace, { make: 'made2', change: 'changed2', remove: 'removed2' });
    await convergence(mirror, direct, namespace, 10_000);
  });
});
