/** Directions between two nodes that are cut for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import type { LockmgrCluster } from '@windlass/testkit';
import type { OneWayNetwork } from './one-way-network.ts';
import type { Fault } from './process-faults.ts';

/** Which directions, seen from the leader. */
const shapes = {
  'the leader is not heard by one follower': { toLeader: 0, fromLeader: 1 },
  'the leader does not hear one follower': { toLeader: 1, fromLeader: 0 },
  'the leader is heard by nobody': { toLeader: 0, fromLeader: 2 },
  'the leader hears nobody': { toLeader: 2, fromLeader: 0 },
  'one follower is cut off from the leader': { toLeader: 1, fromLeader: 1 },
  'the leader is cut off': { toLeader: 2, fromLeader: 2 },
} as const;

export function networkFaults(cluster: LockmgrCluster, network: OneWayNetwork): readonly Fault[] {
  return Object.entries(shapes).map(([name, { fromLeader, toLeader }]) => ({
    name,
    inflict: async (random: Random) => {
      const leader = await cluster.leader();
      const followers = cluster.nodes.filter((node) => node !== leader);
      if (random.chance(0.5)) followers.reverse();
      for (const follower of followers.slice(0, fromLeader)) network.cut(leader, follower);
      for (const follower of followers.slice(0, toLeader)) network.cut(follower, leader);
      await sleep(random.integer(1_000, 2_500));
      network.heal();
    },
  }));
}
