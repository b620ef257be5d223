/** Time, chance and the network: what calls are made with. Tests hand in others. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, type Random, systemClock, systemRandom } from '@windlass/base';

export type Surroundings = {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  /** Resolves after the time, or earlier when the signal aborts. Never rejects. */
  readonly pause: (durationMs: number, signal: AbortSignal) => Promise<void>;
};

export const systemSurroundings: Surroundings = {
  fetch: (request) => globalThis.fetch(request),
  clock: systemClock,
  random: systemRandom,
  pause: async (durationMs, signal) => {
    try {
      await sleep(durationMs, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
