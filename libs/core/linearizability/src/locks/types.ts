/**
 * What clients do with locks, as one history. A session that is silent may end at any time after
 * its deadline; its expiry is an operation that nobody sees returning.
 *
 * Next: model.ts (one lock, one operation after the other), check-lock-history.ts.
 */

export const HoldMode = {
  Exclusive: 'exclusive',
  Shared: 'shared',
  Semaphore: 'semaphore',
} as const;
export type HoldMode = (typeof HoldMode)[keyof typeof HoldMode];

export type LockInput =
  | {
      /** Takes effect when it is granted, however long it waited before. */
      readonly kind: 'acquire';
      readonly session: number;
      /** The session's number of it: what a cancel names. */
      readonly sequence: number;
      readonly mode: HoldMode;
      /** Of a semaphore; else 0. */
      readonly permits: number;
      /** Of a semaphore; else 0. */
      readonly limit: number;
    }
  | { readonly kind: 'release'; readonly session: number; readonly token: number }
  /** Ends the wait of an acquire, or gives back what it was granted. */
  | { readonly kind: 'cancel'; readonly session: number; readonly acquireSequence: number }
  | { readonly kind: 'close'; readonly session: number }
  /** Token 0: all holds. */
  | { readonly kind: 'force-release'; readonly token: number }
  | { readonly kind: 'validate'; readonly token: number }
  | { readonly kind: 'get' };

export type LockOutput =
  | {
      readonly kind: 'granted';
      readonly token: number;
      /** Of the session on this lock, this grant included; null where that isn't to be checked. */
      readonly holdCount: number | null;
    }
  | { readonly kind: 'released'; readonly holdCount: number }
  /** A cancel, close or forced release took effect. */
  | { readonly kind: 'done' }
  /** A try failed, since the lock was held. */
  | { readonly kind: 'held' }
  | { readonly kind: 'not-held' }
  | { readonly kind: 'mode-conflict' }
  | { readonly kind: 'session-expired' }
  /** A wait that timed out or was cancelled, a bound that was reached: possible at any time. */
  | { readonly kind: 'no-effect' }
  | { readonly kind: 'validity'; readonly valid: boolean }
  | { readonly kind: 'holders'; readonly holders: readonly SeenHolder[] };

export type SeenHolder = {
  readonly session: number;
  readonly token: number;
  readonly holdCount: number;
};

export type LockRecord = {
  /** For people. */
  readonly caller: string;
  /** Ignored for a close, which is of all keys. */
  readonly key: string;
  readonly input: LockInput;
  /** Null: unknown. */
  readonly output: LockOutput | null;
  readonly calledAt: number;
  readonly returnedAt: number | null;
};

export type LockHistory = {
  /** In any order. */
  readonly records: readonly LockRecord[];
  /** Of every session that may have ended by silence: the newest deadline its client knew. */
  readonly deadlines: readonly { readonly session: number; readonly at: number }[];
};
