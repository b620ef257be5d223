/** A namespace on a real API server, with a client of its own and one that goes through a proxy. */
import { testKubernetes } from '@windlass/testkit';
import type { KubeClient } from '../index.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { openTestClient, type TestClient } from './kube-fixture.ts';

export type ProxiedCluster = {
  readonly namespace: string;
  readonly kubeconfigPath: string;
  readonly client: KubeClient;
  readonly proxy: FaultProxy;
  /** Its calls meet what the proxy does to them. */
  readonly proxied: TestClient;
  /** Done by `close`, the last one first, before all of the above ends. */
  readonly onClose: (end: () => Promise<unknown>) => void;
  readonly close: () => Promise<void>;
};

export async function openProxiedCluster(): Promise<ProxiedCluster> {
  const ends: (() => Promise<unknown>)[] = [];
  const onClose = (end: () => Promise<unknown>) => void ends.push(end);
  const close = async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const { namespace, kubeconfigPath, drop } = await testKubernetes();
    onClose(drop);
    const { client } = await openTestClient(kubeconfigPath);
    onClose(async () => client.close());
    const proxy = await startFaultProxy(kubeconfigPath);
    onClose(() => proxy.close());
    const proxied = await openTestClient(proxy.kubeconfigPath);
    onClose(async () => proxied.client.close());
    return { namespace, kubeconfigPath, client, proxy, proxied, onClose, close };
  } catch (error) {
    await close();
    throw error;
  }
}
