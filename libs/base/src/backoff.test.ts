import { describe, expect, it } from 'vitest';
import { type BackoffPolicy, backoffDelayMs } from './backoff.ts';
import { seededRandom } from './random.ts';

const policy: BackoffPolicy = { initialMs: 100, maxMs: 5_000 };

describe('backoffDelayMs', () => {
  it('doubles from the initial delay up to the longest one', () => {
    const longest = { next: () => 1 };
    const delays = [1, 2, 3, 6, 7, 8].map((failures) => backoffDelayMs(failures, policy, longest));
    expect(delays).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
  });

  it('stays within half the cap and the cap, whatever the randomness', () => {
    const random = seededRandom('backoff');
    for (let failures = 1; failures <= 100; failures += 1) {
      const capMs = Math.min(policy.maxMs, policy.initialMs * 2 ** (failures - 1));
      const delayMs = backoffDelayMs(failures, policy, random);
      expect(delayMs).toBeGreaterThanOrEqual(capMs / 2);
      expect(delayMs).toBeLessThanOrEqual(capMs);
      expect(Number.isInteger(delayMs)).toBe(true);
    }
  });

  it('spreads callers that failed together', () => {
    const random = seededRandom('herd');
    const delays = Array.from({ length: 50 }, () => backoffDelayMs(5, policy, random));
    expect(new Set(delays).size).toBeGreaterThan(40);
  });

  it('is finite after more failures than a double can double', () => {
    expect(backoffDelayMs(1e9, policy, { next: () => 0 })).toBe(2_500);
    expect(backoffDelayMs(0, policy, { next: () => 1 })).toBe(100);
  });
});
