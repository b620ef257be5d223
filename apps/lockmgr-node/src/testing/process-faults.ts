/** What may happen to the processes of a cluster. Each fault is over when it resolves. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import type { LockmgrCluster, LockmgrNode } from '@windlass/testkit';

export type Fault = { readonly name: string; readonly inflict: (random: Random) => Promise<void> };

export function processFaults(cluster: LockmgrCluster): readonly Fault[] {
  async function follower(random: Random): Promise<LockmgrNode> {
    const leader = await cluster.leader();
    return random.pick(cluster.nodes.filter((node) => node !== leader));
  }

  return [
    {
      name: 'kill the leader',
      inflict: async (random) => killed(await cluster.leader(), random),
    },
    {
      name: 'end the leader',
      inflict: async () => restarted(await cluster.leader()),
    },
    {
      name: 'pause the leader',
      inflict: async (random) => paused(await cluster.leader(), random),
    },
    {
      name: 'kill a follower',
      inflict: async (random) => killed(await follower(random), random),
    },
    {
      name: 'pause a follower',
      inflict: async (random) => paused(await follower(random), random),
    },
    {
      name: 'restart all, one after the other',
      inflict: async () => restartedAll(cluster),
    },
  ];
}

/** As a rollout does: the next one when the last one is ready again. */
export async function restartedAll(cluster: LockmgrCluster): Promise<void> {
  for (const node of cluster.nodes) await restarted(node);
}

async function killed(node: LockmgrNode, random: Random): Promise<void> {
  await node.kill();
  await sleep(random.integer(0, 800));
  await node.start();
}

async function restarted(node: LockmgrNode): Promise<void> {
  const { code, signal } = await node.stop();
  if (code !== 0) throw new Error(`${node.name} ended with ${code ?? signal} after SIGTERM`);
  await node.start();
}

async function paused(node: LockmgrNode, random: Random): Promise<void> {
  await node.pause();
  await sleep(random.integer(1_000, 3_000));
  await node.resume();
}
