import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';

describe('eventually', () => {
  it('tries until nothing is thrown and the value is not false', async () => {
    const outcomes = [() => false, () => Promise.reject(new Error('no')), () => 0];
    expect(await eventually(() => outcomes.shift()?.())).toBe(0);
    expect(outcomes).toEqual([]);
  });

  it('throws the last failure after the deadline', async () => {
    let tries = 0;
    const attempt = eventually(
      () => {
        tries += 1;
        throw new Error(`try ${tries}`);
      },
      { deadlineMs: 60 },
    );
    await expect(attempt).rejects.toThrow(/^try \d+$/);
    expect(tries).toBeGreaterThan(1);
    await expect(eventually(() => false, { deadlineMs: 1 })).rejects.toThrow(/still false/);
  });

  it('gives up on an attempt that never ends', async () => {
    const attempt = eventually(() => new Promise(() => undefined), { deadlineMs: 50 });
    await expect(attempt).rejects.toThrow('one attempt was still going on after 50 ms');
  });
});
