/**
 * What the lock machine takes and gives. It is deterministic: the same entries in the same order
 * give the same state and the same output on every node and in every run. It reads no clock.
 *
 * Next: lock-machine.ts.
 */
import type { LockCode, LockLimits, LockMode, OperationResult } from '@windlass/lock-wire';

/** Test-only hooks: the simulation must find the mistakes that they make. */
export type MachineBugs = {
  /** A session that ends keeps its places in queues, and is granted what it waited for. */
  readonly grantToExpired?: boolean;
};

/** Where a batch of commands stands in the log. */
export type EntryPosition = { readonly index: number; readonly term: number };

/** An answer for a session: of a command of this batch, or a grant of an acquire that waited. */
export type SessionResult = { readonly sessionId: number; readonly result: OperationResult };

/** A hold that a session lost by an operator's hand. */
export type LostHold = {
  readonly sessionId: number;
  readonly key: string;
  readonly token: number;
  readonly code: LockCode;
};

/** As LockEventKind in lock.proto. */
export const LockEventKind = {
  Granted: 1,
  Released: 2,
  Expired: 3,
  ForceReleased: 4,
  Metadata: 5,
} as const;
export type LockEventKind = (typeof LockEventKind)[keyof typeof LockEventKind];

export type LockEvent = {
  readonly kind: LockEventKind;
  readonly key: string;
  readonly sessionId: number;
  readonly token: number;
  readonly metadata: Uint8Array;
};

/** What became of one command that isn't an operation, in the order of the batch. */
export type CommandOutcome =
  | { readonly kind: 'opened'; readonly sessionId: number; readonly ttlMs: number }
  /** The id is taken (the leader picks another) or sessionsMax is reached. */
  | {
      readonly kind: 'not-opened';
      readonly sessionId: number;
      readonly code: LockCode;
      readonly message: string;
    }
  /** Expired, or closed by an operation: what it held and waited for is free. */
  | { readonly kind: 'ended'; readonly sessionId: number; readonly expired: boolean }
  /** An expiry or a silence that was overtaken by an operation, another leader or its own end. */
  | { readonly kind: 'expiry-stale'; readonly sessionId: number }
  | { readonly kind: 'silent'; readonly sessionId: number; readonly remainingMs: number }
  | { readonly kind: 'heard'; readonly sessionId: number }
  | {
      readonly kind: 'force-released';
      readonly key: string;
      readonly released: number;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'done' };

/** What applying one entry gave. Only a leader looks at all of it. */
export type ApplyOutput = {
  /**
   * Answers in the order in which they came about. Exactly one for each operation of the batch
   * (also when it is repeated), plus one for each waiting acquire that was granted or ended.
   */
  readonly results: readonly SessionResult[];
  readonly lost: readonly LostHold[];
  readonly events: readonly LockEvent[];
  readonly outcomes: readonly CommandOutcome[];
};

export type SessionView = {
  readonly sessionId: number;
  readonly ttlMs: number;
  readonly clientName: string;
  /** What is left of the TTL by the log, or null: not silent. In milliseconds. */
  readonly remainingMs: number | null;
  /** Log index of the newest command of this session. */
  readonly lastIndex: number;
  /** Highest sequence applied. */
  readonly lastSequence: number;
  readonly holdCount: number;
  readonly waitCount: number;
};

export type HolderView = {
  readonly sessionId: number;
  readonly token: number;
  readonly holdCount: number;
  readonly permits: number;
  readonly clientName: string;
  readonly metadata: Uint8Array;
};

export type WaiterView = {
  readonly sessionId: number;
  readonly sequence: number;
  readonly mode: LockMode;
  readonly permits: number;
  readonly clientName: string;
};

export type LockView = {
  readonly key: string;
  readonly mode: LockMode;
  readonly limit: number;
  readonly lastExclusiveToken: number;
  readonly holders: readonly HolderView[];
  readonly waiters: readonly WaiterView[];
  readonly holderCount: number;
  readonly waiterCount: number;
};

export type MachineCounts = {
  readonly sessions: number;
  readonly locks: number;
  /** More than locks where some are shared. */
  readonly holds: number;
  readonly waiters: number;
  readonly version: number;
  readonly lastToken: number;
  readonly limits: LockLimits;
};

/**
 * A consistent image of the state at one log index, made piece by piece while the machine goes on:
 * what changes before its turn is kept as it was (copy on write).
 */
export type MachineSnapshot = {
  readonly index: number;
  /** The next piece, about `bytesMax` long, or null at the end. Constant work per byte. */
  readonly next: (bytesMax: number) => Uint8Array | null;
  /** Must be called when it is no longer wanted; next() is not to be called afterwards. */
  readonly close: () => void;
};
