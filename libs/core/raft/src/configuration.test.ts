import { describe, expect, it } from 'vitest';
import { ConfigurationHistory, changeConfiguration, leaveJoint } from './configuration.ts';
import { type ConfigurationChange, ProposalRefusal } from './index.ts';
import { configurationOf } from './node.test-support.ts';

const three = configurationOf([1, 2, 3], [4]);
const five = { id: 5, name: 'five', address: 'five:1' };

describe('changeConfiguration', () => {
  it('is direct for one voter, joint for more', () => {
    expect(changed([{ kind: 'promote', id: 4 }])).toMatchObject({
      voters: [1, 2, 3, 4],
      outgoing: [],
      learners: [],
    });
    const joint = changed([
      { kind: 'promote', id: 4 },
      { kind: 'remove', id: 1 },
      { kind: 'add-learner', member: five },
    ]);
    expect(joint).toMatchObject({ voters: [2, 3, 4], outgoing: [1, 2, 3], learners: [5] });
    expect(joint.members.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    const left = leaveJoint(joint);
    expect(left).toMatchObject({ voters: [2, 3, 4], outgoing: [], learners: [5] });
    expect(left.members.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
  });

  it('updates where a member is found', () => {
    const member = { id: 2, name: 'moved', address: 'elsewhere:1' };
    expect(changed([{ kind: 'update', member }]).members[1]).toEqual(member);
    expect(three.members[1]?.name).toBe('node-2');
  });

  it.each<[string, readonly ConfigurationChange[]]>([
    ['no change', []],
    ['a member that is there', [{ kind: 'add-learner', member: { ...five, id: 2 } }]],
    ['promoting a voter', [{ kind: 'promote', id: 1 }]],
    ['promoting a stranger', [{ kind: 'promote', id: 9 }]],
    ['removing a stranger', [{ kind: 'remove', id: 9 }]],
    ['updating a stranger', [{ kind: 'update', member: { ...five, id: 9 } }]],
    ['removing everybody who votes', [1, 2, 3].map((id) => ({ kind: 'remove', id }))],
    [
      'making a voter a learner',
      [
        { kind: 'remove', id: 1 },
        { kind: 'add-learner', member: { ...five, id: 1 } },
      ],
    ],
  ])('refuses %s', (_name, changes) => {
    const error = ProposalRefusal.InvalidConfiguration;
    expect(changeConfiguration(three, changes)).toEqual({ ok: false, error });
  });
});

describe('ConfigurationHistory', () => {
  it('counts what is in the log, and goes back when the log does', () => {
    const history = new ConfigurationHistory(0, configurationOf([1]));
    history.adopt(5, configurationOf([1, 2]));
    history.adopt(9, configurationOf([1, 2, 3]));
    expect([0, 4, 5, 8, 9].map((index) => history.at(index).voters.length)).toEqual([
      1, 1, 2, 2, 3,
    ]);
    history.truncateFrom(9);
    expect(history.current.voters).toEqual([1, 2]);
    history.compact(7);
    expect(history.at(7).voters).toEqual([1, 2]);
    history.truncateFrom(1);
    expect(history.currentIndex).toBe(5);
    history.restore(20, three);
    expect(history.current).toEqual(three);
  });
});

function changed(changes: readonly ConfigurationChange[]) {
  const result = changeConfiguration(three, changes);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
