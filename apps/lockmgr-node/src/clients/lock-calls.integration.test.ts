/** A node that ends, with calls that wait at it, and streams of its peers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@windlass/base';
import { clientCredentials, GrpcError, grpcClient } from '@windlass/grpc';
import { LockCode, LockErrorSchema, LockService } from '@windlass/proto/lock/v1';
import { createMetrics } from '@windlass/telemetry';
import { eventually, type LockmgrCluster, startLockmgr, temporaryFolder } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = temporaryFolder();
let cluster: LockmgrCluster;
const metrics = createMetrics('test');
const clients: { readonly close: () => void }[] = [];
const soon = { deadlineMs: 5_000 };
const ttlMs = 20_000;

beforeAll(async () => {
  cluster = await startLockmgr({ nodes: 3, dataDir: folder.path });
}, 60_000);

afterAll(async () => {
  for (const client of clients) client.close();
  await cluster.stop();
  folder.remove();
});

function callsOf(address: string) {
  const client = grpcClient(LockService, address, {
    credentials: clientCredentials(null),
    metrics,
  });
  clients.push(client);
  return client.calls;
}

describe('a call that waits at a node which ends', () => {
  it('is told so, and keeps its place in the queue for its repetition at another node', async () => {
    const leader = await cluster.leader();
    const followers = cluster.nodes.filter((node) => node !== leader);
    const [ending, staying] = followers.map(({ address }) => callsOf(address));
    const atEnding = required(ending, 'a follower');
    const atStaying = required(staying, 'another one');
    const holder = (await atStaying.openSession({ ttlMs }, soon)).sessionId;
    const waiter = (await atStaying.openSession({ ttlMs }, soon)).sessionId;
    const later = (await atStaying.openSession({ ttlMs }, soon)).sessionId;
    const key = 'ends';
    const acquire = { key, waitMs: 15_000 };
    const taken = { sessionId: holder, sequence: 1n, acquire };
    const { grant } = await atStaying.acquire(taken, soon);

    const request = { sessionId: waiter, sequence: 1n, acquire };
    const told = atEnding.acquire(request, { deadlineMs: 20_000 }).catch((error: unknown) => error);
    const waiting = async () => {
      const { lock } = await atStaying.get({ key }, soon);
      return lock?.waiters.map(({ sessionId }) => sessionId) ?? [];
    };
    await eventually(async () => expect(await waiting()).toEqual([waiter]));
    const behind = atStaying.acquire({ ...request, sessionId: later }, { deadlineMs: 20_000 });
    await eventually(async () => expect(await waiting()).toEqual([waiter, later]));
    const stopped = required(followers[0], 'a follower');
    await stopped.stop();

    const error = await told;
    expect(error).toBeInstanceOf(GrpcError);
    const detail = error instanceof GrpcError ? error.detail(LockErrorSchema) : null;
    expect(detail?.code).toBe(LockCode.UNAVAILABLE);

    const repeated = atStaying.acquire(request, { deadlineMs: 20_000 });
    const release = { key, token: required(grant, 'the grant').token };
    await atStaying.release({ sessionId: holder, sequence: 2n, release }, soon);
    const second = required((await repeated).grant, 'the grant after it');
    expect(await waiting()).toEqual([later]);
    const next = { key, token: second.token };
    await atStaying.release({ sessionId: waiter, sequence: 2n, release: next }, soon);
    expect((await behind).grant?.token).toBeGreaterThan(second.token);
    await stopped.start();
  }, 60_000);
});

describe('a node that ends', () => {
  it('lets go of the streams of its peers, so that nothing has to be broken off', async () => {
    const leader = await cluster.leader();
    const { exitCode, log } = await ended(leader);
    expect(exitCode).toBe(0);
    expect(log).toContain('"app_stopped"');
    expect(log).not.toContain('grpc_calls_broken_off');
    await leader.start();
  }, 60_000);

  async function ended(node: Awaited<ReturnType<LockmgrCluster['leader']>>) {
    const { code } = await node.stop();
    const log = readFileSync(join(folder.path, node.name, 'node.log'), 'utf8');
    return { exitCode: code, log };
  }
});
