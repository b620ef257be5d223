/** A session of the lock manager as the users here have it, whichever way they reach it. */

/** How a lock is taken. The limit is the semaphore's, 0 for other modes. */
export type LockKind =
  | { readonly mode: 'exclusive' | 'shared'; readonly limit: 0 }
  | { readonly mode: 'semaphore'; readonly limit: number };

export type Wish = {
  readonly key: string;
  readonly kind: LockKind;
  /** 0 doesn't wait. */
  readonly waitMs: number;
};

export type Held = {
  readonly token: number;
  /** For how long it is surely held without another word; 0 once it's released or lost. */
  readonly remainingMs: () => number;
  readonly release: () => Promise<ReleaseOutcome>;
};

export type AcquireOutcome =
  | { readonly kind: 'granted'; readonly held: Held }
  | { readonly kind: 'not-granted' }
  | Lost
  | Unexpected;

export type ReleaseOutcome = { readonly kind: 'released' } | Lost | Unexpected;

/** The session is over, or nobody has answered for its whole time. */
export type Lost = { readonly kind: 'lost' };

/** What the lock manager may not answer, whatever is done to it. */
export type Unexpected = {
  readonly kind: 'unexpected';
  readonly rule: 'expired-early' | 'unexpected-answer';
  readonly detail: string;
};

export type LockSession = {
  readonly acquire: (wish: Wish) => Promise<AcquireOutcome>;
  /** Stops the renewals, as a client that is paused would. */
  readonly fallAsleep: () => void;
  readonly ttlMs: number;
  /** Ends the session, in so far as somebody hears it. Never rejects. */
  readonly close: () => Promise<void>;
};
