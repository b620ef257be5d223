import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../eventually.ts';
import { temporaryFolder } from '../../run/folder.ts';
import { isFree } from '../ports.ts';
import { processStart } from '../process-tree.ts';
import { kubernetesComponents } from '../types.ts';
import { kubeRequester } from './kube-request.ts';
import { startKubernetes } from './kubernetes.ts';

describe('startKubernetes', () => {
  it('survives the loss of each component, keeps its objects, and stops in order', async () => {
    const folder = temporaryFolder();
    const options = {
      dataDir: join(folder.path, 'data'),
      logFile: join(folder.path, 'logs', 'kubernetes.log'),
      port: 0,
      durable: false,
    };
    const cluster = await startKubernetes(options);
    const requester = kubeRequester(cluster.kubeconfigPath);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } };
    const path = '/api/v1/namespaces/default/configmaps';
    expect((await requester.send('POST', path, object)).status).toBe(201);

    for (const name of ['kube-apiserver', 'etcd', 'kwok'] as const) {
      const before = cluster.component(name);
      await before.kill();
      const after = await cluster.start(name);
      expect(after.pid).not.toBe(before.pid);
      expect(cluster.component(name)).toBe(after);
    }
    await eventually(async () => {
      expect((await requester.send('GET', `${path}/kept`)).status).toBe(200);
    });

    const pids = kubernetesComponents.map((name) => cluster.component(name).pid);
    await cluster.stop();
    expect(pids.map(processStart)).toEqual(pids.map(() => null));
    expect(await isFree(cluster.port)).toBe(true);
    requester.close();

    const again = await startKubernetes({ ...options, port: cluster.port });
    const second = kubeRequester(again.kubeconfigPath);
    expect((await second.send('GET', `${path}/kept`)).status).toBe(200);
    second.close();
    await again.stop();
    folder.remove();
  });

  it('leaves nothing behind when its start is aborted', async () => {
    const folder = temporaryFolder();
    const abort = new AbortController();
    const start = startKubernetes({
      dataDir: join(folder.path, 'data'),
      logFile: join(folder.path, 'kubernetes.log'),
      port: 0,
      durable: false,
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(new Error('enough')), 1_500);
    await expect(start).rejects.toThrow('enough');
    folder.remove();
  });

  it('refuses clients that show no certificate of its authority', async () => {
    const folder = temporaryFolder();
    const cluster = await startKubernetes({
      dataDir: join(folder.path, 'data'),
      logFile: join(folder.path, 'kubernetes.log'),
      port: 0,
      durable: false,
    });
    await expect(fetch(`${cluster.url}/readyz`)).rejects.toMatchObject({
      cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    });
    await cluster.stop();
    folder.remove();
  });
});
