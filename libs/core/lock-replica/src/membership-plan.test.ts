import type { ProgressView } from '@windlass/raft';
import { describe, expect, it } from 'vitest';
import { planMembership } from './membership-plan.ts';

function member(id: number, name: string) {
  return { id, name, address: `${name}:9090` };
}

function progress(id: number, match: number, recentlyActive = true): ProgressView {
  return { id, match, next: match + 1, state: 'replicate', recentlyActive };
}

const joined = {
  voters: [1, 2, 3],
  outgoing: [],
  learners: [4],
  members: [member(1, 'a'), member(2, 'b'), member(3, 'c'), member(4, 'c')],
};

function plan(configuration: typeof joined, view: ProgressView | null) {
  return planMembership({ configuration, lastIndex: 1_000, progress: view === null ? [] : [view] });
}

describe('a learner', () => {
  it('becomes a voter in the place of the node of its name when it has caught up', () => {
    expect(plan(joined, progress(4, 950))).toEqual([
      { kind: 'promote', id: 4 },
      { kind: 'remove', id: 3 },
    ]);
  });

  it('of a new name becomes a voter beside the others', () => {
    const members = [...joined.members.slice(0, 3), member(4, 'd')];
    expect(plan({ ...joined, members }, progress(4, 1_000))).toEqual([{ kind: 'promote', id: 4 }]);
  });

  it('waits while it lags, is silent, or a change is under way', () => {
    expect(plan(joined, progress(4, 800))).toEqual([]);
    expect(plan(joined, progress(4, 1_000, false))).toEqual([]);
    expect(plan(joined, null)).toEqual([]);
    const joint = { ...joined, outgoing: [1, 2] };
    expect(planMembership({ configuration: joint, lastIndex: 1, progress: [] })).toEqual([]);
  });
});
