import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { type KubeRequester, kubeRequester } from '../servers/kubernetes/kube-request.ts';
import { type TestKubernetes, testKubernetes } from './test-kubernetes.ts';

let kubernetes: TestKubernetes;
let requester: KubeRequester;

beforeAll(async () => {
  kubernetes = await testKubernetes();
  requester = kubeRequester(kubernetes.kubeconfigPath);
});

afterAll(async () => {
  await kubernetes.drop();
  requester.close();
});

type PodStatus = {
  readonly phase?: string;
  readonly podIP?: string;
  readonly containerStatuses?: readonly {
    readonly ready: boolean;
    readonly restartCount: number;
    readonly state: {
      readonly waiting?: { readonly reason: string };
      readonly terminated?: { readonly exitCode: number };
    };
  }[];
};

async function deploy(name: string, labels: Record<string, string> = {}): Promise<void> {
  const template = {
    metadata: { labels: { app: name, ...labels } },
    spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] },
  };
  const response = await requester.send(
    'POST',
    `/apis/apps/v1/namespaces/${kubernetes.namespace}/deployments`,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { replicas: 1, selector: { matchLabels: { app: name } }, template },
    },
  );
  expect(response).toMatchObject({ status: 201 });
}

async function podsOf(name: string): Promise<{ metadata: { name: string }; status: PodStatus }[]> {
  const response = await requester.send(
    'GET',
    `/api/v1/namespaces/${kubernetes.namespace}/pods?labelSelector=app%3D${name}`,
  );
  return JSON.parse(response.text).items;
}

/** Waits until a pod's first container looks like this. */
function untilContainer(name: string, expected: object): Promise<void> {
  return eventually(
    async () => {
      const containers = (await podsOf(name)).map((pod) => pod.status.containerStatuses?.[0]);
      expect(containers).toContainEqual(expect.objectContaining(expected));
    },
    { deadlineMs: 30_000 },
  );
}

describe('testKubernetes', () => {
  it('runs pods until they are ready, and serves their logs', async () => {
    await deploy('web');
    await untilContainer('web', { ready: true });
    const [pod] = await podsOf('web');
    const logs = await requester.send(
      'GET',
      `/api/v1/namespaces/${kubernetes.namespace}/pods/${pod?.metadata.name}/log`,
    );
    expect(logs.status).toBe(200);
    expect(logs.text).toMatch(/KWOK simulates this pod/);
  });

  it('crashes pods in a loop, with restarts counted', async () => {
    await deploy('looping', { 'pod-crash-loop.stage.kwok.x-k8s.io': 'true' });
    await untilContainer('looping', {
      ready: false,
      restartCount: 2,
      state: { waiting: expect.objectContaining({ reason: 'CrashLoopBackOff' }) },
    });
    expect(await podsOf('looping')).toHaveLength(1);
  });

  it("fails pods by KWOK's own stage", async () => {
    await deploy('failing', { 'pod-container-running-failed.stage.kwok.x-k8s.io': 'true' });
    await untilContainer('failing', {
      state: { terminated: expect.objectContaining({ exitCode: 1, reason: 'containerFailed' }) },
    });
    await requester.send(
      'DELETE',
      `/apis/apps/v1/namespaces/${kubernetes.namespace}/deployments/failing`,
    );
  });

  it('leaves pods without an image, or not ready, where they ask for it', async () => {
    await deploy('imageless', { 'pod-image-pull-failure.stage.kwok.x-k8s.io': 'true' });
    await deploy('unready', { 'pod-never-ready.stage.kwok.x-k8s.io': 'true' });
    await deploy('witness');
    await untilContainer('imageless', {
      ready: false,
      state: { waiting: expect.objectContaining({ reason: 'ImagePullBackOff' }) },
    });
    await untilContainer('witness', { ready: true });
    await untilContainer('unready', {
      ready: false,
      state: { waiting: { reason: 'ContainerCreating' } },
    });
  });

  it('removes a deleted deployment with its pods', async () => {
    await deploy('gone');
    await untilContainer('gone', { ready: true });
    const path = `/apis/apps/v1/namespaces/${kubernetes.namespace}/deployments/gone`;
    await requester.send('DELETE', path);
    await eventually(async () => expect(await podsOf('gone')).toEqual([]), { deadlineMs: 30_000 });
    expect((await requester.send('GET', path)).status).toBe(404);
  });
});
