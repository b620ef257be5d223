/** A client that takes and gives back one lock all the time, and the gaps between its grants. */
import type { LockClient } from '@windlass/lock-client';

export type GrantTimes = {
  /** From the last grant before this on, gaps count. */
  readonly begin: () => void;
  /** Resolves with the first grant that is asked for after this call. */
  readonly next: () => Promise<void>;
  /** Longest time between two grants since `begin`: what a waiting client sees of a failover. */
  readonly longestGapMs: () => number;
  readonly stop: () => Promise<void>;
};

/** Enough to leave the nodes idle, far below any gap of interest. */
const pauseMs = 2;

/** Longer than any failover that ends well. */
const waitMs = 60_000;

export function watchGrants(client: LockClient): GrantTimes {
  let lastMs = performance.now();
  let longestMs = 0;
  const stopped = new AbortController();
  let rounds = 0;
  const waiting = new Set<{ readonly fromRound: number; readonly resolve: () => void }>();

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      rounds += 1;
      const lock = await client.acquire('failover', { waitMs });
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
      for (const waiter of waiting) {
        if (rounds <= waiter.fromRound) continue;
        waiting.delete(waiter);
        waiter.resolve();
      }
      await lock.release();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  const running = run();
  return {
    begin: () => {
      longestMs = 0;
    },
    next: () => {
      const reached = new Promise<void>((resolve) => {
        waiting.add({ fromRound: rounds, resolve });
      });
      return Promise.race([reached, running]);
    },
    longestGapMs: () => longestMs,
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}
