/** A leader that is cut off in one direction, or in both: the cluster goes on without it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GrpcError } from '@windlass/grpc';
import { createLockClient } from '@windlass/lock-client';
import { eventually, type LockmgrNode } from '@windlass/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { runUnderFaults } from './testing/fault-run.ts';
import { networkFaults } from './testing/network-faults.ts';
import { type OneWayNetwork, openNetwork } from './testing/one-way-network.ts';
import { testCluster } from './testing/test-cluster.ts';

const deadlineMs = 5_000;
const network = openNetwork();
// Registered first, so it runs when the nodes have ended.
afterAll(async () => (await network).close());
const { cleanUp, clientsOf, cluster } = testCluster(async () => ({
  nodeEnv: (await network).envOf,
}));

/** Users did something all the time, also where elections took long. */
const operationsMin = 300;

type Cut = (cuts: OneWayNetwork, leader: LockmgrNode, follower: LockmgrNode) => void;

const hearsNobody: Cut = (cuts, leader, follower) => cuts.cut(follower, leader);
const heardByNobody: Cut = (cuts, leader, follower) => cuts.cut(leader, follower);
const cutOff: Cut = (cuts, leader, follower) => {
  hearsNobody(cuts, leader, follower);
  heardByNobody(cuts, leader, follower);
};

describe('a leader that', () => {
  it.each([
    ['hears nobody', hearsNobody],
    ['is heard by nobody', heardByNobody],
    ['is cut off', cutOff],
  ])('%s is replaced, grants nothing more, and follows when it is over', async (_name, cut) => {
    const cuts = await network;
    const leader = await cluster().leader();
    const followers = cluster().nodes.filter((node) => node !== leader);
    const addresses = followers.map(({ address }) => address);
    const client = createLockClient({ addresses });
    cleanUp(client.close);
    const before = await client.acquire('before');

    for (const follower of followers) cut(cuts, leader, follower);
    const other = createLockClient({ addresses });
    cleanUp(other.close);
    const during = await other.acquire('during');
    expect(during.token).toBeGreaterThan(before.token);
    expect(await client.validate('before', before.token)).toMatchObject({ valid: true });
    // Either it says nothing, or what is so: from memory it would say that nobody holds it.
    const told = await tokensAt(leader, 'during');
    expect([null, [BigInt(during.token)]]).toContainEqual(told);
    const successor = await newLeader(followers);
    // It knows by then that it leads no more.
    await eventually(async () => expect(await leader.leads()).toBe(false));

    cuts.heal();
    await eventually(async () => {
      const status = await clientsOf(leader.address).operators.status({}, { deadlineMs });
      const there = await clientsOf(successor.address).operators.status({}, { deadlineMs });
      expect(status.leaderId).toBe(there.leaderId);
      expect(status.appliedIndex).toBe(there.appliedIndex);
    });
    expect(await before.release()).toEqual({ lost: false });
    expect(await during.release()).toEqual({ lost: false });
  });

  it('does not hear one follower goes on, with that follower following', async () => {
    const cuts = await network;
    const leader = await cluster().leader();
    const [deaf] = cluster().nodes.filter((node) => node !== leader);
    if (deaf === undefined) throw new Error('no follower');
    const { operators } = clientsOf(leader.address);
    const { term } = await operators.status({}, { deadlineMs });
    cuts.cut(deaf, leader);
    cleanUp(cuts.heal);
    await using client = createLockClient({ addresses: cluster().addresses });
    await using _lock = await client.acquire('still');
    // Several elections long.
    await sleep(1_000);
    expect(await operators.status({}, { deadlineMs })).toMatchObject({ term, role: 'leader' });
  });
});

describe('the history of clients', () => {
  it('is linearizable while one direction between nodes is cut, or both', async () => {
    const faults = networkFaults(cluster(), await network);
    const { addresses } = cluster();
    const run = await runUnderFaults({ addresses, faults, seed: 2, durationMs: 10_000 });
    expect(run.problem).toBeNull();
    expect(run.faults.length).toBeGreaterThan(2);
    expect(run.known).toBeGreaterThan(operationsMin);
  }, 90_000);
});

/** Tokens of a lock's holders by the word of this node; null where it gives none. */
async function tokensAt({ address }: LockmgrNode, key: string): Promise<readonly bigint[] | null> {
  try {
    const { lock } = await clientsOf(address).locks.get({ key }, { deadlineMs: 500 });
    return lock?.holders.map(({ token }) => token) ?? [];
  } catch (error) {
    if (error instanceof GrpcError) return null;
    throw error;
  }
}

function newLeader(nodes: readonly LockmgrNode[]): Promise<LockmgrNode> {
  return eventually(async () => {
    for (const node of nodes) if (await node.leads()) return node;
    throw new Error('none of them leads');
  });
}
