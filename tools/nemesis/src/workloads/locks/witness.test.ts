import { beforeEach, describe, expect, it } from 'vitest';
import type { LockKind } from './session.ts';
import { createWitness, type Holding, type Witness } from './witness.ts';

const exclusive: LockKind = { mode: 'exclusive', limit: 0 };
const shared: LockKind = { mode: 'shared', limit: 0 };
const semaphore: LockKind = { mode: 'semaphore', limit: 2 };

let witness: Witness;
beforeEach(() => {
  witness = createWitness();
});

const holding = (
  user: string,
  token: number,
  kind: LockKind = exclusive,
  remainingMs = 1_000,
): Holding => ({
  user,
  key: 'k',
  kind,
  token,
  remainingMs: () => remainingMs,
});

const rules = () => witness.violations().map(({ rule }) => rule);

describe('the witness', () => {
  it('finds nothing where holders follow one another', () => {
    const first = holding('ada', 1);
    witness.granted(first, 0);
    expect(witness.writes(first)).toBe(true);
    witness.leaves(first);
    const second = holding('bob', 2);
    witness.granted(second, witness.floorToken());
    expect(witness.writes(second)).toBe(true);
    expect(rules()).toEqual([]);
  });

  it('finds two that hold one lock within their deadlines', () => {
    witness.granted(holding('ada', 1), 0);
    witness.granted(holding('bob', 2), 0);
    expect(rules()).toEqual(['two-holders']);
  });

  it('lets another one in once the deadline is over, without a release', () => {
    witness.granted(holding('ada', 1, exclusive, 0), 0);
    witness.granted(holding('bob', 2), 0);
    expect(rules()).toEqual([]);
  });

  it('knows readers beside one another, and no writer beside them', () => {
    witness.granted(holding('ada', 1, shared), 0);
    witness.granted(holding('bob', 2, shared), 0);
    expect(rules()).toEqual([]);
    witness.granted(holding('cyd', 3), 0);
    expect(rules()).toEqual(['two-holders', 'two-holders']);
  });

  it('counts the permits of a semaphore', () => {
    witness.granted(holding('ada', 1, semaphore), 0);
    witness.granted(holding('bob', 2, semaphore), 0);
    expect(rules()).toEqual([]);
    witness.granted(holding('cyd', 3, semaphore), 0);
    expect(rules()).toEqual(['too-many-permits']);
  });

  it('finds a token that is granted twice, also much later', () => {
    const first = holding('ada', 7);
    witness.granted(first, 0);
    witness.leaves(first);
    witness.granted(holding('bob', 7), 0);
    expect(rules()).toEqual(['token-twice']);
  });

  it('finds a token below one that was granted before it was asked for, on any key', () => {
    witness.granted({ ...holding('ada', 9), key: 'other' }, 0);
    witness.granted(holding('bob', 8), witness.floorToken());
    expect(rules()).toEqual(['token-fell']);
  });

  it('takes a lower token of a grant that was under way at the same time', () => {
    const floor = witness.floorToken();
    witness.granted({ ...holding('ada', 9), key: 'other' }, floor);
    witness.granted(holding('bob', 8), floor);
    expect(rules()).toEqual([]);
  });

  it('refuses the write of one that slept, and finds a holder that is refused', () => {
    const asleep = holding('ada', 1, exclusive, 0);
    witness.granted(asleep, 0);
    const next = holding('bob', 2);
    witness.granted(next, 0);
    witness.writes(next);
    expect(witness.writes(asleep)).toBe(false);
    expect(rules()).toEqual([]);
    expect(witness.writes(holding('cyd', 1))).toBe(false);
    expect(rules()).toEqual(['holder-refused']);
  });
});
