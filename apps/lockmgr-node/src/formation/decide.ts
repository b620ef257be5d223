/**
 * What a node with an empty disk does next, from what the others say of themselves.
 *
 * A cluster comes into being only when every configured node says that it is empty; then the node
 * with the first name forms it. Whoever finds a cluster joins it instead, as a learner under its
 * new id: it may have voted under an old one that it has forgotten.
 */

/** What a configured node answered, or that it didn't. */
export type ProbedNode = {
  readonly name: string;
  readonly address: string;
  readonly answer: {
    /** 0: empty. */
    readonly clusterId: number;
    readonly memberId: number;
    /** '' where it knows none. */
    readonly leaderAddress: string;
    /** This node's id is one of the members of its cluster. */
    readonly listsUs: boolean;
  } | null;
};

export type FormationStep =
  /** Some are missing, or another node forms the cluster. */
  | { readonly kind: 'wait'; readonly missing: readonly string[] }
  | {
      readonly kind: 'form';
      readonly others: readonly {
        readonly id: number;
        readonly name: string;
        readonly address: string;
      }[];
    }
  | { readonly kind: 'join'; readonly clusterId: number; readonly address: string }
  /**
   * The cluster was formed with this node, which did not hear of it. Its id has never voted, so it
   * may take part as if it had been away from the beginning.
   */
  | { readonly kind: 'take-part'; readonly clusterId: number };

/**
 * @param self this node's name
 * @param others all configured nodes but this one
 */
export function decideFormation(self: string, others: readonly ProbedNode[]): FormationStep {
  const members = others.filter(({ answer }) => answer !== null && answer.clusterId !== 0);
  const formed = members.find(({ answer }) => answer?.listsUs === true);
  if (formed?.answer) return { kind: 'take-part', clusterId: formed.answer.clusterId };
  const known = members.find(({ answer }) => answer?.leaderAddress !== '') ?? members[0];
  if (known?.answer) {
    const { clusterId, leaderAddress } = known.answer;
    return { kind: 'join', clusterId, address: leaderAddress || known.address };
  }
  const missing = others.filter(({ answer }) => answer === null).map(({ name }) => name);
  if (missing.length > 0) return { kind: 'wait', missing: missing.toSorted() };
  if (others.some(({ name }) => name < self)) return { kind: 'wait', missing: [] };
  return {
    kind: 'form',
    others: others.map(({ address, answer, name }) => ({
      id: answer?.memberId ?? 0,
      name,
      address,
    })),
  };
}
