/** Members that come and go while the cluster serves, and nodes that are replaced one by one. */
import { createLockClient } from '@windlass/lock-client';
import { eventually } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import { restartedAll } from './testing/process-faults.ts';
import { testCluster } from './testing/test-cluster.ts';

const deadlineMs = 5_000;
const { cleanUp, clientsOf, cluster } = testCluster();

describe('a cluster at work', () => {
  it('grows by a node, and shrinks again', async () => {
    const leader = await cluster().leader();
    const { name, address } = await cluster().launchExtra();
    const { operators } = clientsOf(leader.address);
    // It opens its port a moment after its start.
    await eventually(() => operators.addMember({ name, address }, { deadlineMs }));
    await eventually(async () => {
      const { members } = await operators.status({}, { deadlineMs });
      expect(members.map(({ role }) => role)).toEqual([1, 1, 1, 1]);
    });
    const added = await clientsOf(address).operators.status({}, { deadlineMs });
    expect(added.role).toBe('follower');
    const removed = await operators.removeMember({ name }, { deadlineMs });
    expect(removed.members.map((member) => member.name)).not.toContain(name);
    expect(removed.members).toHaveLength(3);
  });

  it('fails no operation of the library while its nodes are restarted one by one', async () => {
    const rollout = new AbortController();
    const users = Array.from({ length: 8 }, (_none, index) =>
      useLocks(cluster().addresses, index, rollout.signal),
    );
    await restartedAll(cluster());
    rollout.abort();
    const done = await Promise.all(users);
    expect(done.every((operations) => operations > 50)).toBe(true);
  });
});

/** Every failed operation rejects, every lost lock as well. Returns how many there were. */
async function useLocks(addresses: readonly string[], index: number, signal: AbortSignal) {
  const client = createLockClient({ addresses });
  cleanUp(client.close);
  let operations = 0;
  for (let round = 0; !signal.aborted; round += 1) {
    // Half of the time a lock of its own, else one that two of them want.
    const key = round % 2 === 0 ? `own-${index}` : `pair-${index >> 1}`;
    const lock = await client.acquire(key);
    const { lost } = await lock.release();
    if (lost) throw new Error(`${key}: the lock was lost`);
    operations += 2;
    if (round % 10 === 0) await client.get(key);
  }
  return operations;
}
