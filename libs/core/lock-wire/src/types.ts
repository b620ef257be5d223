/**
 * The frames of a session and the commands of the log, as objects. Field by field they are
 * documented in proto/windlass/lock/v1/lock.proto and proto/windlass/lock/internal/v1/log.proto.
 *
 * Operations and results have one flat shape each, whatever their kind: a union of shapes would
 * cost the hot path its hidden class. The factory functions set what a kind doesn't use to 0 or ''.
 */

/** As LockMode in lock.proto. */
export const LockMode = { Exclusive: 1, Shared: 2, Semaphore: 3 } as const;
export type LockMode = (typeof LockMode)[keyof typeof LockMode];

/** As LockScope in lock.proto. */
export const LockScope = { Regional: 1, Global: 2 } as const;
export type LockScope = (typeof LockScope)[keyof typeof LockScope];

/** As LockCode in lock.proto. */
export const LockCode = {
  Ok: 0,
  Queued: 1,
  Held: 2,
  WaitTimeout: 3,
  Cancelled: 4,
  NotHeld: 5,
  SessionExpired: 6,
  SequenceForgotten: 7,
  ModeConflict: 8,
  LimitMismatch: 9,
  Invalid: 10,
  ResourceExhausted: 11,
  NotLeader: 12,
  Unavailable: 13,
  NotFound: 14,
  PermissionDenied: 15,
  Unimplemented: 16,
  ForceReleased: 17,
} as const;
export type LockCode = (typeof LockCode)[keyof typeof LockCode];

/** The field numbers of Operation.kind. */
export const OperationKind = {
  Acquire: 2,
  Release: 3,
  Cancel: 4,
  SetMetadata: 5,
  Close: 6,
} as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

/** waitMs of an acquire that waits as long as its session lives. */
export const waitForever = 0xffff_ffff;

/**
 * Sequences from here on are given by the leader to unary calls that came with sequence 0: they
 * tell waits apart, and their answers are never remembered. Clients may not use them.
 */
export const anonymousSequenceMin = 2 ** 52;

export type Operation = {
  readonly kind: OperationKind;
  /** Rising per session, from 1 and below anonymousSequenceMin. */
  readonly sequence: number;
  /** Acquire, Release, SetMetadata. */
  readonly key: string;
  /** Acquire. */
  readonly mode: LockMode;
  /** Acquire of a semaphore: 1 to limit. */
  readonly permits: number;
  /** Acquire of a semaphore; else 0. */
  readonly limit: number;
  /** Acquire: 0 doesn't wait. */
  readonly waitMs: number;
  /** Release, SetMetadata: the token of the grant. Cancel: the sequence of the acquire. */
  readonly token: number;
  /** Acquire, SetMetadata. */
  readonly metadata: Uint8Array;
  readonly scope: LockScope;
};

export type OperationResult = {
  readonly sequence: number;
  readonly code: LockCode;
  /** Fencing token of a grant; else 0. */
  readonly token: number;
  readonly lastExclusiveToken: number;
  /** Holds of the session on the lock after the operation. */
  readonly holdCount: number;
  /** Place in the queue, from 1; else 0. */
  readonly position: number;
  /** Names the field or the limit; empty unless code is Invalid or ResourceExhausted. */
  readonly message: string;
};

export type Hello = {
  /** 0 opens a new session. */
  readonly sessionId: number;
  readonly ttlMs: number;
  readonly clientName: string;
};

export type SessionRequestFrame = {
  readonly hello: Hello | null;
  readonly operations: readonly Operation[];
  readonly acknowledgedSequence: number;
  /** The client's number of this frame, from 1. */
  readonly frame: number;
};

export type Welcome = {
  readonly sessionId: number;
  readonly ttlMs: number;
  readonly lastSequence: number;
  readonly region: string;
};

export type Revocation = { readonly key: string; readonly token: number; readonly code: LockCode };

export type SessionResponseFrame = {
  readonly welcome: Welcome | null;
  readonly results: readonly OperationResult[];
  readonly renewedFrame: number;
  readonly revocations: readonly Revocation[];
  /** The leader's address in the last frame of a node that doesn't lead ('' if unknown). */
  readonly redirect: string | null;
};

/** As SetLimits in log.proto. */
export type LockLimits = {
  readonly sessionsMax: number;
  readonly locksMax: number;
  readonly waitersPerLockMax: number;
  readonly holdsPerSessionMax: number;
  readonly unacknowledgedPerSessionMax: number;
};

/** One change of the lock machine; a batch of them is one log entry. */
export type Command =
  | {
      readonly kind: 'operation';
      readonly sessionId: number;
      readonly operation: Operation;
      readonly acknowledgedSequence: number;
    }
  | {
      readonly kind: 'open-session';
      readonly sessionId: number;
      readonly ttlMs: number;
      readonly clientName: string;
    }
  | {
      readonly kind: 'expire-session';
      readonly sessionId: number;
      readonly lastIndex: number;
      readonly term: number;
    }
  | {
      readonly kind: 'session-silent';
      readonly sessionId: number;
      readonly remainingMs: number;
      readonly lastIndex: number;
      readonly term: number;
    }
  | { readonly kind: 'session-heard'; readonly sessionId: number }
  | {
      readonly kind: 'end-wait';
      readonly sessionId: number;
      /** 0 ends all waits of the session. */
      readonly sequence: number;
      readonly code: LockCode;
    }
  | {
      readonly kind: 'force-release';
      readonly key: string;
      readonly token: number;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'raise-tokens'; readonly floor: number }
  | { readonly kind: 'set-version'; readonly version: number }
  | { readonly kind: 'set-limits'; readonly limits: LockLimits };
