/** Nodes, namespaces and service accounts: what a fresh cluster needs before pods can run. */
import { kwokNodeAnnotation } from './components.ts';
import type { KubeRequester, KubeResponse } from './kube-request.ts';

type Node = {
  readonly spec: { readonly taints?: readonly unknown[] };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** Makes the nodes that a cluster doesn't have yet. Their size is KWOK's default, practically endless. */
export async function makeNodes(requester: KubeRequester, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const name = `node-${number}`;
    const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok' };
    await create(requester, '/api/v1/nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels, annotations: kwokNodeAnnotation },
    });
  }
}

/** True once pods can be scheduled on that many nodes. */
export async function nodesAreReady(requester: KubeRequester, count: number): Promise<boolean> {
  const response = await requester.send('GET', '/api/v1/nodes');
  refuseFailure(response);
  const { items }: { items: readonly Node[] } = JSON.parse(response.text);
  const ready = items.filter(
    ({ spec, status }) =>
      (spec.taints ?? []).length === 0 &&
      (status.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True'),
  );
  return ready.length >= count;
}

export async function createNamespace(requester: KubeRequester, name: string): Promise<void> {
  const metadata = { name };
  await create(requester, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
}

/** Starts its deletion: the cluster removes what is in it in its own time. */
export async function deleteNamespace(requester: KubeRequester, name: string): Promise<void> {
  const response = await requester.send('DELETE', `/api/v1/namespaces/${name}`);
  if (response.status !== 404) refuseFailure(response);
}

/** Before it exists, no pod can be created in the namespace. */
export async function serviceAccountExists(
  requester: KubeRequester,
  namespace: string,
): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  return (await requester.send('GET', path)).status === 200;
}

const conflict = 409;

async function create(requester: KubeRequester, path: string, object: unknown): Promise<void> {
  const response = await requester.send('POST', path, object);
  if (response.status !== conflict) refuseFailure(response);
}

function refuseFailure(response: KubeResponse): void {
  if (response.status < 300) return;
  throw new Error(`the API server answered ${response.status}: ${response.text}`);
}
