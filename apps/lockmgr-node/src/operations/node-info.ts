/** What `/actuator/info` tells of a node: who it is, where, and in which cluster. */
import type { Membership } from '../peers/membership.ts';

/** Ids are texts: as a number of JSON, 2^53 is where many readers stop being exact. */
export function nodeInfo(
  { address, name, nodeId, running }: Membership,
  region: string,
): Readonly<Record<string, unknown>> {
  const node = { name, id: String(nodeId), address };
  if (running === null) return { node, region, cluster: null };
  const { clusterId, node: member } = running;
  const { configuration, leader, role, term } = member.replica.raft.status();
  const nameOf = (id: number) => configuration.members.find((each) => each.id === id)?.name;
  return {
    node: { ...node, role: configuration.learners.includes(nodeId) ? 'learner' : role },
    region,
    cluster: {
      id: String(clusterId),
      term,
      leader: nameOf(leader) ?? null,
      members: configuration.members.map((each) => each.name).toSorted(),
    },
  };
}
