/** Elections: a lock whose holder leads, whose token is the term, and whose metadata is the value. */
import type { HeldLock, Released } from './held-lock.ts';
import { bytesOf, type WaitOptions } from './options.ts';

export type ElectOptions = {
  /** What observers see; at most 4,096 bytes. */
  readonly value?: string | Uint8Array;
  /** How long to stand; by default as long as it takes. */
  readonly waitMs?: number;
  /** Gives the candidacy up. */
  readonly signal?: AbortSignal;
};

export type Leadership = {
  /** Rises with each leader; serves as fencing token. */
  readonly term: number;
  /** Aborts when the leadership is lost, or about to be. */
  readonly signal: AbortSignal;
  /** For how long the leadership is surely held without another word; looks at the clock. */
  readonly remainingMs: number;
  /** Changes what observers see. @throws LockError NotHeld, SessionExpired */
  readonly proclaim: (value: string | Uint8Array) => Promise<void>;
  /** Gives the leadership up. */
  readonly resign: () => Promise<Released>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

export async function campaign(
  { signal, value, waitMs = Number.POSITIVE_INFINITY }: ElectOptions,
  ask: (wait: WaitOptions) => Promise<HeldLock>,
): Promise<Leadership> {
  const lock = await ask({
    waitMs,
    ...(value === undefined ? {} : { metadata: value }),
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    term: lock.token,
    signal: lock.signal,
    get remainingMs() {
      return lock.remainingMs;
    },
    proclaim: (changed) => lock.setMetadata(bytesOf(changed)),
    resign: () => lock.release(),
    [Symbol.asyncDispose]: async () => {
      await lock.release();
    },
  };
}
