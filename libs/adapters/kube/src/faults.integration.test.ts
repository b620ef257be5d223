/** What a network and whoever sits in it do to single calls. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { eventually } from '@windlass/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classifyKubeError, deployments, type KubeClient } from './index.ts';
import { type FaultProxy, writeKubeconfig } from './testing/fault-proxy.ts';
import { deployment, failureOf, openTestClient, type TestClient } from './testing/kube-fixture.ts';
import { openProxiedCluster, type ProxiedCluster } from './testing/proxied-cluster.ts';

const windlass = { fieldManager: 'windlass' };

let namespace: string;
let kubeconfigPath: string;
let client: KubeClient;
let proxy: FaultProxy;
let proxied: TestClient;
let cluster: ProxiedCluster;

beforeEach(async () => {
  cluster = await openProxiedCluster();
  ({ namespace, kubeconfigPath, client, proxy, proxied } = cluster);
});
afterEach(() => cluster.close());

function absent(): { readonly namespace: string; readonly name: string } {
  return { namespace, name: 'absent' };
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('answers that do not come, or not whole', () => {
  it('ends a call at its deadline, and closes its connection', async () => {
    proxy.fault = () => ({ kind: 'hang' });
    const startMs = performance.now();
    const error = await failureOf(
      proxied.client.get(deployments, { ...absent(), deadlineMs: 200 }),
    );
    expect(error).toMatchObject({ status: 0, reason: 'DeadlineExceeded' });
    expect(classifyKubeError(error)).toBe('passing');
    expect(performance.now() - startMs).toBeLessThan(1_000);
    await eventually(() => expect(proxy.openSockets()).toBe(0));
  });

  it('counts the whole answer into the deadline', async () => {
    const list = 'x'.repeat(100);
    proxy.fault = () => ({
      kind: 'answer',
      status: 200,
      body: list,
      headers: { 'content-length': '1000' },
    });
    const error = await failureOf(
      proxied.client.get(deployments, { ...absent(), deadlineMs: 200 }),
    );
    expect(error).toMatchObject({ status: 0, reason: 'DeadlineExceeded' });
  });

  it('ends a call by its signal, under way and before', async () => {
    proxy.fault = () => ({ kind: 'hang' });
    const stopping = new AbortController();
    const call = proxied.client.get(deployments, { ...absent(), signal: stopping.signal });
    await eventually(() => expect(proxy.requests.length).toBe(1));
    stopping.abort();
    for (const aborted of [
      call,
      proxied.client.get(deployments, { ...absent(), signal: stopping.signal }),
    ]) {
      const error = await failureOf(aborted);
      expect(error).toMatchObject({ status: 0, reason: 'Aborted' });
      expect(classifyKubeError(error)).toBe('passing');
    }
    await eventually(() => expect(proxy.openSockets()).toBe(0));
    expect(proxy.requests.length).toBe(1);
  });

  it('asks a GET once more where its kept connection was gone, and nothing else', async () => {
    const resetNext = () => {
      proxy.fault = () => {
        proxy.fault = () => null;
        return { kind: 'reset' };
      };
    };
    await proxied.client.version();
    resetNext();
    await proxied.client.version();
    expect(proxy.requests.length).toBe(3);
    resetNext();
    const create = proxied.client.create(deployments, deployment(namespace, 'web'), windlass);
    const error = await failureOf(create);
    expect(error).toMatchObject({ reason: 'ConnectionFailed', code: 'ECONNRESET' });
    expect(classifyKubeError(error)).toBe('passing');
    expect(proxy.requests.length).toBe(4);
    // On a new connection a reset is no stale socket: nothing is asked twice.
    proxied.client.close();
    const fresh = await openTestClient(proxy.kubeconfigPath);
    cluster.onClose(async () => fresh.client.close());
    proxy.fault = () => ({ kind: 'reset' });
    expect((await failureOf(fresh.client.version())).code).toBe('ECONNRESET');
    expect(proxy.requests.length).toBe(5);
  });

  it('goes on over connections that the server closes when they are idle', async () => {
    for (let round = 0; round < 5; round += 1) {
      await proxied.client.version();
      proxy.closeIdle();
    }
    expect(proxy.requests.length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ['cut JSON', '{"kind":"Deployment","metadata":{"na'],
    ['a page', '<html>log in</html>'],
    ['an empty answer', ''],
    ['another object', '{"kind":"Pod","metadata":{}}'],
    ['no object', 'null'],
    ['an object without metadata', '{"kind":"Deployment"}'],
  ])('takes %s as a success for passing', async (_name, body) => {
    proxy.fault = () => ({ kind: 'answer', status: 200, body });
    const error = await failureOf(proxied.client.get(deployments, absent()));
    expect(error).toMatchObject({ status: 0, reason: 'MalformedAnswer' });
    expect(classifyKubeError(error)).toBe('passing');
  });

  it('takes an answer that is cut for passing', async () => {
    await client.create(deployments, deployment(namespace, 'web'), windlass);
    proxy.fault = () => ({ kind: 'cut', bytes: 50 });
    const error = await failureOf(proxied.client.get(deployments, { namespace, name: 'web' }));
    expect(error).toMatchObject({ status: 0, reason: 'ConnectionFailed' });
    expect(classifyKubeError(error)).toBe('passing');
  });

  it('bounds the bytes of logs', async () => {
    const body = 'x'.repeat(2_000);
    proxy.fault = () => ({ kind: 'answer', status: 200, body });
    const error = await failureOf(proxied.client.podLogs({ ...absent(), limitBytes: 1_000 }));
    expect(error).toMatchObject({ status: 0, reason: 'AnswerTooLarge' });
  });

  it('gives Retry-After', async () => {
    const headers = { 'retry-after': '7' };
    proxy.fault = () => ({ kind: 'answer', status: 429, body: '', headers });
    const error = await failureOf(proxied.client.get(deployments, absent()));
    expect(error.retryAfterMs).toBe(7_000);
  });

  it('loads its credentials afresh after a 401', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'windlass-kube-client-'));
    cluster.onClose(() => rm(folder, { recursive: true }));
    const tokenFile = path.join(folder, 'token');
    await writeFile(tokenFile, 'old\n');
    const file = await writeKubeconfig(folder, proxy.port, { tokenFile: 'token' });
    const rotating = await openTestClient(file);
    cluster.onClose(async () => rotating.client.close());
    proxy.fault = (request) =>
      request.headers.authorization === 'Bearer new'
        ? null
        : { kind: 'answer', status: 401, body: '' };
    await writeFile(tokenFile, 'new\n');
    expect(classifyKubeError(await failureOf(rotating.client.version()))).toBe('passing');
    await rotating.client.version();
  });

  it('takes a refused connection and a cut TLS handshake for passing', async () => {
    const server = net.createServer((socket) => socket.destroy());
    const port = await portOf(server);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'windlass-kube-client-'));
    cluster.onClose(() => rm(folder, { recursive: true }));
    const file = await writeKubeconfig(folder, port, {}, 'https');
    const cut = await openTestClient(file);
    cluster.onClose(async () => cut.client.close());
    expect(classifyKubeError(await failureOf(cut.client.version()))).toBe('passing');
    await new Promise((resolve) => server.close(resolve));
    const error = await failureOf(cut.client.version());
    expect(error.code).toBe('ECONNREFUSED');
    expect(classifyKubeError(error)).toBe('passing');
  });

  it('loses one call to connections that died without a word, not one per connection', async () => {
    const calls = Array.from({ length: 4 }, () => proxied.client.version());
    await Promise.all(calls);
    expect(proxy.openSockets()).toBe(4);
    proxy.freezeAll();
    const error = await failureOf(proxied.client.version({ deadlineMs: 300 }));
    expect(error.reason).toBe('DeadlineExceeded');
    await proxied.client.version({ deadlineMs: 2_000 });
    await eventually(() => expect(proxy.openSockets()).toBe(1));
  });

  it('goes through the proxy that the kubeconfig names', async () => {
    const tunnels: string[] = [];
    const server = http.createServer();
    server.on('connect', (request, socket, head) => {
      tunnels.push(request.url ?? '');
      const to = new URL(`http://${request.url ?? ''}`);
      const onward = net.connect(Number(to.port), to.hostname, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    const port = await portOf(server);
    cluster.onClose(async () => void server.close());
    const config = new KubeConfig();
    config.loadFromFile(kubeconfigPath);
    config.clusters = config.clusters.map((cluster) => ({
      ...cluster,
      proxyUrl: `http://127.0.0.1:${port}`,
    }));
    const folder = await mkdtemp(path.join(os.tmpdir(), 'windlass-kube-client-'));
    cluster.onClose(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'kubeconfig');
    await writeFile(file, config.exportConfig());
    const tunnelled = await openTestClient(file);
    cluster.onClose(async () => tunnelled.client.close());
    await tunnelled.client.version();
    await tunnelled.client.version();
    expect(tunnels).toEqual([new URL(config.getCurrentCluster()?.server ?? '').host]);
  });

  it('leaves no socket when it is closed', async () => {
    await Promise.all([proxied.client.version(), proxied.client.version()]);
    expect(proxy.openSockets()).toBe(2);
    proxied.client.close();
    await eventually(() => expect(proxy.openSockets()).toBe(0));
  });
});
