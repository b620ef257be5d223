/**
 * Who takes part: changes of a configuration as pure functions, and the configurations that the log
 * holds. A configuration counts from the moment it is in the log, committed or not (dissertation,
 * 4.1), so a truncated log goes back to an older one.
 *
 * Next: membership.ts.
 */
import { assert, fail, ok, type Result, unreachable } from '@windlass/base';
import type { Configuration, ConfigurationChange, Member, NodeId } from './types.ts';
import { ProposalRefusal } from './types.ts';

export const emptyConfiguration: Configuration = {
  voters: [],
  outgoing: [],
  learners: [],
  members: [],
};

export function isJoint(configuration: Configuration): boolean {
  return configuration.outgoing.length > 0;
}

/** True for a voter of either half. */
export function isVoter(configuration: Configuration, id: NodeId): boolean {
  return configuration.voters.includes(id) || configuration.outgoing.includes(id);
}

/** Everybody who gets the log, sorted. */
export function memberIds(configuration: Configuration): readonly NodeId[] {
  const { voters, outgoing, learners } = configuration;
  return sortedIds(new Set([...voters, ...outgoing, ...learners]));
}

/**
 * The configuration after some changes, in their order. Joint when more than one voter comes or
 * goes; one voter may come or go directly, since then any two majorities overlap (dissertation,
 * 4.1). Only learners become voters.
 *
 * @param current not joint
 */
export function changeConfiguration(
  current: Configuration,
  changes: readonly ConfigurationChange[],
): Result<Configuration, ProposalRefusal> {
  assert(!isJoint(current), 'a joint configuration is left before the next change');
  const voters = new Set(current.voters);
  const learners = new Set(current.learners);
  const members = new Map(current.members.map((member) => [member.id, member]));
  for (const change of changes) {
    if (!applyChange(change, voters, learners, members)) {
      return fail(ProposalRefusal.InvalidConfiguration);
    }
  }
  const demoted = current.voters.some((id) => learners.has(id));
  if (changes.length === 0 || voters.size === 0 || demoted) {
    return fail(ProposalRefusal.InvalidConfiguration);
  }
  const moved = differenceCount(current.voters, voters);
  const outgoing = moved > 1 ? current.voters : [];
  const known = new Map([
    ...current.members.map((member) => [member.id, member] as const),
    ...members,
  ]);
  const ids = new Set([...voters, ...outgoing, ...learners]);
  return ok({
    voters: sortedIds(voters),
    outgoing,
    learners: sortedIds(learners),
    members: [...known.values()].filter(({ id }) => ids.has(id)).sort(byId),
  });
}

/** The second half of a joint change: the old voters are gone. */
export function leaveJoint(joint: Configuration): Configuration {
  const { voters, learners } = joint;
  const members = joint.members.filter(({ id }) => voters.includes(id) || learners.includes(id));
  return { voters, outgoing: [], learners, members };
}

/** False when the change makes no sense. The sets are the caller's drafts. */
function applyChange(
  change: ConfigurationChange,
  voters: Set<NodeId>,
  learners: Set<NodeId>,
  members: Map<NodeId, Member>,
): boolean {
  switch (change.kind) {
    case 'add-learner':
      if (members.has(change.member.id)) return false;
      learners.add(change.member.id);
      members.set(change.member.id, change.member);
      return true;
    case 'promote':
      if (!learners.delete(change.id)) return false;
      voters.add(change.id);
      return true;
    case 'remove':
      if (!voters.delete(change.id) && !learners.delete(change.id)) return false;
      members.delete(change.id);
      return true;
    case 'update':
      if (!members.has(change.member.id)) return false;
      members.set(change.member.id, change.member);
      return true;
    default:
      return unreachable(change);
  }
}

function differenceCount(before: readonly NodeId[], after: ReadonlySet<NodeId>): number {
  const gone = before.filter((id) => !after.has(id)).length;
  return gone + after.size - (before.length - gone);
}

function sortedIds(ids: ReadonlySet<NodeId>): readonly NodeId[] {
  return [...ids].sort((left, right) => left - right);
}

function byId(left: Member, right: Member): number {
  return left.id - right.id;
}

type Placed = { readonly index: number; readonly configuration: Configuration };

/** The configurations in the log, oldest first; the last one counts. */
export class ConfigurationHistory {
  #placed: Placed[];

  /** @param index where the first one stands: the snapshot's index, or 0 */
  constructor(index: number, configuration: Configuration) {
    this.#placed = [{ index, configuration }];
  }

  get current(): Configuration {
    return this.#newest().configuration;
  }

  /** Where the current one stands in the log. */
  get currentIndex(): number {
    return this.#newest().index;
  }

  adopt(index: number, configuration: Configuration): void {
    assert(index > this.currentIndex, 'configurations follow one another in the log');
    this.#placed.push({ index, configuration });
  }

  truncateFrom(index: number): void {
    while (this.#placed.length > 1 && this.currentIndex >= index) this.#placed.pop();
  }

  restore(index: number, configuration: Configuration): void {
    this.#placed = [{ index, configuration }];
  }

  /** The one that counts at an index of the log; the oldest one known for anything before it. */
  at(index: number): Configuration {
    const placed = this.#placed.findLast((each) => each.index <= index) ?? this.#placed[0];
    return placed?.configuration ?? emptyConfiguration;
  }

  /** Forgets those that ended before an index. */
  compact(index: number): void {
    const keep = this.#placed.findLastIndex((each) => each.index <= index);
    if (keep > 0) this.#placed.splice(0, keep);
  }

  #newest(): Placed {
    const newest = this.#placed.at(-1);
    assert(newest !== undefined, 'there is always a configuration');
    return newest;
  }
}
