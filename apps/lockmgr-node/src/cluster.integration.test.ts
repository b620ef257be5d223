/** A cluster of real processes: how it comes into being, and what becomes of a node without data. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { grpcClient } from '@windlass/grpc';
import { LockService } from '@windlass/proto/lock/v1';
import { ClusterService } from '@windlass/proto/lock/v1/cluster';
import { createMetrics } from '@windlass/telemetry';
import { eventually, type LockmgrNode, startLockmgr, temporaryFolder } from '@windlass/testkit';
import { afterEach, describe, expect, it } from 'vitest';

const deadlineMs = 5_000;
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function cluster(nodes: number) {
  const folder = temporaryFolder();
  cleanups.push(folder.remove);
  const started = await startLockmgr({ dataDir: folder.path, nodes });
  cleanups.push(started.stop);
  return { ...started, dataFolder: (node: LockmgrNode) => join(folder.path, node.name, 'data') };
}

function clientsOf(address: string) {
  const options = { credentials: credentials.createInsecure(), metrics: createMetrics('test') };
  const locks = grpcClient(LockService, address, options);
  const operators = grpcClient(ClusterService, address, options);
  cleanups.push(locks.close, operators.close);
  return { locks: locks.calls, operators: operators.calls };
}

describe('a cluster of three', () => {
  it('takes calls at every node, and keeps locks when its leader is killed', async () => {
    const started = await cluster(3);
    const leader = await started.leader();
    const followers = started.nodes.filter((node) => node !== leader);
    const [first, second] = followers.map(({ address }) => clientsOf(address).locks);
    if (first === undefined || second === undefined) throw new Error('no followers');
    const opened = await first.openSession({ ttlMs: 60_000 }, { deadlineMs });
    const { sessionId } = opened;
    const acquire = { key: 'invoice-42' };
    const taken = await first.acquire({ sessionId, sequence: 1n, acquire }, { deadlineMs });
    await leader.kill();
    const again = await eventually(() =>
      second.acquire({ sessionId, sequence: 1n, acquire }, { deadlineMs }),
    );
    expect(again.grant?.token).toBe(taken.grant?.token);
    const other = await second.openSession({ ttlMs: 60_000 }, { deadlineMs });
    const tried = await second.tryAcquire({ sessionId: other.sessionId, acquire }, { deadlineMs });
    expect(tried.acquired).toBe(false);
  });

  it('takes a node back that has lost its disk, under a new id (invariant 10)', async () => {
    const started = await cluster(3);
    const leader = await started.leader();
    const lost = started.nodes.find((node) => node !== leader);
    if (lost === undefined) throw new Error('no follower');
    const before = await clientsOf(lost.address).operators.status({}, { deadlineMs });
    await lost.kill();
    await rm(started.dataFolder(lost), { recursive: true });
    await lost.start();
    await eventually(async () => {
      const { operators } = clientsOf(leader.address);
      const { members } = await operators.status({}, { deadlineMs });
      expect(members).toHaveLength(3);
      expect(members.map(({ id }) => id)).not.toContain(before.memberId);
      expect(members.map(({ role }) => role)).toEqual([1, 1, 1]);
    });
    const after = await clientsOf(lost.address).operators.status({}, { deadlineMs });
    expect(after.clusterId).toBe(before.clusterId);
  });
});
