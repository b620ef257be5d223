import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { majorityValue, quorumValue, voteOutcome } from './quorum.ts';

describe('majorityValue', () => {
  it.each([
    [[5], 5],
    [[5, 3], 3],
    [[5, 3, 4], 4],
    [[1, 2, 3, 4], 2],
    [[9, 1, 2, 8, 7], 7],
    [[0, 0, 7], 0],
  ])('of %j is %i', (values, expected) => {
    const ids = values.map((_, position) => position + 1);
    expect(majorityValue(ids, (id) => values[id - 1] ?? 0)).toBe(expected);
  });

  it('is the middle of the sorted values, whatever they are', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 500; round += 1) {
      const values = Array.from({ length: random.integer(1, 9) }, () => random.integer(0, 6));
      const ids = values.map((_, position) => position + 1);
      const sorted = values.toSorted((left, right) => right - left);
      const expected = sorted[Math.floor(values.length / 2)];
      expect(majorityValue(ids, (id) => values[id - 1] ?? 0)).toBe(expected);
    }
  });
});

describe('a joint configuration', () => {
  const joint = { voters: [1, 2, 4], outgoing: [1, 2, 3], learners: [5], members: [] };
  const values = (entries: Record<number, number>) => (id: number) => entries[id] ?? 0;

  it('has reached what both halves have', () => {
    expect(quorumValue(joint, values({ 1: 9, 4: 9 }))).toBe(0);
    expect(quorumValue(joint, values({ 1: 9, 3: 9 }))).toBe(0);
    expect(quorumValue(joint, values({ 1: 9, 3: 5, 4: 7 }))).toBe(5);
    expect(quorumValue(joint, values({ 5: 9 }))).toBe(0);
  });

  it('elects with both majorities, and doesn’t when either is out of reach', () => {
    expect(voteOutcome(joint, values({ 1: 1, 4: 1 }))).toBe('pending');
    expect(voteOutcome(joint, values({ 1: 1, 4: 1, 3: 1 }))).toBe('won');
    expect(voteOutcome(joint, values({ 1: 1, 2: 1 }))).toBe('won');
    expect(voteOutcome(joint, values({ 1: 1, 4: 1, 2: -1, 3: -1 }))).toBe('lost');
  });

  it('of nobody reaches and elects nothing', () => {
    const nobody = { voters: [], outgoing: [], learners: [], members: [] };
    expect(quorumValue(nobody, () => 9)).toBe(0);
    expect(voteOutcome(nobody, () => 0)).not.toBe('won');
  });
});
