/** What a client knows of its session: how long it lives, what it holds, what is under way. */
import type { LockMode, Operation } from '@windlass/lock-wire';
import type { OpenRecord } from './history.ts';

export type Hold = {
  readonly key: string;
  readonly token: number;
  readonly mode: LockMode;
  count: number;
  /** The client doesn't rely on it any more: it's being released, or its time was over. */
  isGivenUp: boolean;
};

export type Pending = {
  readonly operation: Operation;
  readonly record: OpenRecord;
  /** How often it was sent: after more than one, a refusal says nothing of the first. */
  sends: number;
  isQueued: boolean;
};

export type ClientSession = {
  readonly id: number;
  readonly ttlMs: number;
  /** By the client's clock. */
  deadlineMs: number;
  nextSequence: number;
  /** All answers up to this one have arrived. */
  acknowledged: number;
  readonly holds: Hold[];
  /** The operation that the client waits for. */
  pending: Pending | null;
  /** The cancel of it. */
  cancel: Pending | null;
};

/** The rule of the design: sent + TTL − (1 % + 50 ms). By the client's clock. */
export function deadlineOf(sentMs: number, ttlMs: number): number {
  return sentMs + ttlMs - (ttlMs * 0.01 + 50);
}

export function newSession(id: number, ttlMs: number, sentMs: number): ClientSession {
  return {
    id,
    ttlMs,
    deadlineMs: deadlineOf(sentMs, ttlMs),
    nextSequence: 1,
    acknowledged: 0,
    holds: [],
    pending: null,
    cancel: null,
  };
}
