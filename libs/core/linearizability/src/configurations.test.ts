import { describe, expect, it } from 'vitest';
import { type Configuration, ConfigurationSet } from './configurations.ts';

const configuration = (used: readonly number[], early: readonly number[] = []) => {
  return { state: 0, early, used, path: null } satisfies Configuration<number>;
};

describe('a set of configurations', () => {
  it('keeps those that used up fewer open operations, whichever came first', () => {
    const set = new ConfigurationSet<number>(String);
    expect(set.add(configuration([1, 3]))).toBe(true);
    expect(set.add(configuration([1, 2, 3]))).toBe(false);
    expect(set.add(configuration([2]))).toBe(true);
    expect(set.add(configuration([3]))).toBe(true);
    expect(set.values().map(({ used }) => used)).toEqual([[2], [3]]);
  });

  it('compares only what has the same operations with an output', () => {
    const set = new ConfigurationSet<number>(String);
    expect(set.add(configuration([], [1]))).toBe(true);
    expect(set.add(configuration([], [2]))).toBe(true);
    expect(set.values()).toHaveLength(2);
  });
});
