/**
 * What a leader should change about the membership by itself: a learner that has caught up becomes
 * a voter, and takes the place of an older member of the same name, whose disk is lost.
 */
import type { Configuration, ConfigurationChange, RaftStatus } from '@windlass/raft';

/**
 * A learner this close to the end of the log is caught up: what is missing is a fraction of what
 * is in flight under load anyway.
 */
export const caughtUpEntriesMax = 100;

/** The next change, all at once, or an empty list. */
export function planMembership(
  status: Pick<RaftStatus, 'configuration' | 'lastIndex' | 'progress'>,
): readonly ConfigurationChange[] {
  const { configuration, lastIndex, progress } = status;
  if (configuration.outgoing.length > 0) return [];
  for (const learner of configuration.learners) {
    const view = progress.find(({ id }) => id === learner);
    if (view === undefined || !view.recentlyActive) continue;
    if (view.match + caughtUpEntriesMax < lastIndex || view.match === 0) continue;
    return [
      { kind: 'promote', id: learner },
      ...replaced(configuration, learner).map((id) => ({ kind: 'remove', id }) as const),
    ];
  }
  return [];
}

function replaced(configuration: Configuration, learner: number): readonly number[] {
  const name = configuration.members.find(({ id }) => id === learner)?.name;
  return configuration.members
    .filter((member) => member.name === name && member.id !== learner)
    .map(({ id }) => id);
}
