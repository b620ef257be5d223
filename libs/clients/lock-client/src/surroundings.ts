/** Time, chance and the network: what a client is made with. Tests hand in others. */
import { type Random, systemClock, systemRandom } from '@windlass/base';
import type { SessionRequestFrame, SessionResponseFrame } from '@windlass/lock-wire';
import type { StreamEnd } from './session/stream-end.ts';

export type StreamListener = {
  readonly frame: (frame: SessionResponseFrame) => void;
  /** Once, and nothing after it. */
  readonly ended: (end: StreamEnd) => void;
};

export type SessionStream = {
  readonly send: (frame: SessionRequestFrame) => void;
  /** The listener hears nothing more. */
  readonly cancel: () => void;
};

/** Opens Session streams. */
export type SessionTransport = {
  readonly open: (address: string, listener: StreamListener) => SessionStream;
};

export type Surroundings = {
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
  readonly random: Pick<Random, 'next'>;
  /** Calls once after the time; returns how to stop it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Calls after everything of this turn of the event loop. */
  readonly endOfTurn: (run: () => void) => void;
};

export const systemSurroundings: Surroundings = {
  nowMs: systemClock.monotonicMs,
  random: systemRandom,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  endOfTurn: (run) => {
    setImmediate(run);
  },
};
