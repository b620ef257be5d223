import { describe, expect, it } from 'vitest';
import { afterExit, noFailures, type RestartPolicy } from './restart-policy.ts';

const policy: RestartPolicy = { initialMs: 100, maxMs: 1_000, stableMs: 10_000 };
/** Jitter at its upper end: the delay is the whole cap. */
const latest = { next: () => 1 };

describe('afterExit', () => {
  it('doubles the wait up to the longest one while it keeps failing', () => {
    const delays: number[] = [];
    let history = noFailures;
    for (let failure = 0; failure < 6; failure += 1) {
      const next = afterExit(history, null, policy, latest);
      history = next.history;
      delays.push(next.delayMs);
    }
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(history).toEqual({ failures: 6, startFailures: 6 });
  });

  it('goes on counting when it was ready only briefly, but no start has failed then', () => {
    const next = afterExit({ failures: 2, startFailures: 2 }, 9_999, policy, latest);
    expect(next).toEqual({ history: { failures: 3, startFailures: 0 }, delayMs: 400 });
  });

  it('forgets old failures once it was ready for long enough', () => {
    const next = afterExit({ failures: 5, startFailures: 0 }, 10_000, policy, latest);
    expect(next).toEqual({ history: { failures: 1, startFailures: 0 }, delayMs: 100 });
  });

  it('waits at least half of the cap', () => {
    expect(afterExit(noFailures, null, policy, { next: () => 0 }).delayMs).toBe(50);
  });
});
