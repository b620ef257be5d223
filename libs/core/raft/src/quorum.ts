/**
 * Majorities, of one configuration and of two at once (paper, section 6). Nothing here allocates:
 * the leader asks after every answer.
 *
 * Next: progress.ts.
 */
import type { Configuration, NodeId } from './types.ts';

export type ValueOf = (id: NodeId) => number;

/** What has become of an election. */
export type VoteOutcome = 'won' | 'lost' | 'pending';

export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * The largest value that a majority of the ids has reached. Quadratic, for the few members that a
 * cluster has. Infinity for no ids: an empty half of a joint configuration restricts nothing.
 */
export function majorityValue(ids: readonly NodeId[], valueOf: ValueOf): number {
  if (ids.length === 0) return Number.POSITIVE_INFINITY;
  const majority = majorityOf(ids.length);
  let largest = 0;
  for (const candidate of ids) {
    const value = valueOf(candidate);
    if (value > largest && reachedBy(ids, valueOf, value) >= majority) largest = value;
  }
  return largest;
}

/** The largest value that the configuration's quorum has reached: of both halves while joint. */
export function quorumValue(configuration: Configuration, valueOf: ValueOf): number {
  const { voters, outgoing } = configuration;
  if (voters.length === 0) return 0;
  return Math.min(majorityValue(voters, valueOf), majorityValue(outgoing, valueOf));
}

/** @param voteOf 1 for a granted vote, -1 for a refused one, 0 for none yet */
export function voteOutcome(configuration: Configuration, voteOf: ValueOf): VoteOutcome {
  const incoming = halfOutcome(configuration.voters, voteOf);
  if (configuration.outgoing.length === 0) return incoming;
  const outgoing = halfOutcome(configuration.outgoing, voteOf);
  if (incoming === 'lost' || outgoing === 'lost') return 'lost';
  return incoming === 'won' && outgoing === 'won' ? 'won' : 'pending';
}

function halfOutcome(ids: readonly NodeId[], voteOf: ValueOf): VoteOutcome {
  let granted = 0;
  let refused = 0;
  for (const id of ids) {
    const vote = voteOf(id);
    if (vote > 0) granted += 1;
    if (vote < 0) refused += 1;
  }
  const majority = majorityOf(ids.length);
  if (granted >= majority) return 'won';
  return ids.length - refused < majority ? 'lost' : 'pending';
}

function reachedBy(ids: readonly NodeId[], valueOf: ValueOf, value: number): number {
  let count = 0;
  for (const id of ids) if (valueOf(id) >= value) count += 1;
  return count;
}
