import { describe, expect, it } from 'vitest';
import { decideFormation, type ProbedNode } from './decide.ts';

type Answer = NonNullable<ProbedNode['answer']>;

function node(name: string, answer: Partial<Answer> | null): ProbedNode {
  const empty = { clusterId: 0, memberId: 7, leaderAddress: '', listsUs: false };
  return {
    name,
    address: `${name}:9090`,
    answer: answer === null ? null : { ...empty, ...answer },
  };
}

describe('an empty node', () => {
  it('waits while a configured node does not answer (invariant 10)', () => {
    const step = decideFormation('a', [node('b', {}), node('d', null), node('c', null)]);
    expect(step).toEqual({ kind: 'wait', missing: ['c', 'd'] });
  });

  it('forms a cluster when all say that they are empty and its name is the first', () => {
    const others = [node('b', { memberId: 2 }), node('c', { memberId: 3 })];
    expect(decideFormation('a', others)).toEqual({
      kind: 'form',
      others: [
        { id: 2, name: 'b', address: 'b:9090' },
        { id: 3, name: 'c', address: 'c:9090' },
      ],
    });
    expect(decideFormation('d', others)).toEqual({ kind: 'wait', missing: [] });
  });

  it('forms a cluster of one when no other node is configured', () => {
    expect(decideFormation('a', [])).toEqual({ kind: 'form', others: [] });
  });

  it('never forms a cluster where one node belongs to one already (invariant 10)', () => {
    const others = [node('b', {}), node('c', { clusterId: 5 })];
    expect(decideFormation('a', others)).toMatchObject({ kind: 'join', clusterId: 5 });
    expect(decideFormation('a', [node('b', null), node('c', { clusterId: 5 })]).kind).toBe('join');
  });

  it('joins at the leader, where somebody knows it', () => {
    const others = [
      node('b', { clusterId: 5 }),
      node('c', { clusterId: 5, leaderAddress: 'd:9090' }),
    ];
    expect(decideFormation('a', others)).toEqual({
      kind: 'join',
      clusterId: 5,
      address: 'd:9090',
    });
  });

  it('takes part in a cluster that was formed with it', () => {
    const others = [node('b', {}), node('c', { clusterId: 5, listsUs: true })];
    expect(decideFormation('a', others)).toEqual({ kind: 'take-part', clusterId: 5 });
  });
});
