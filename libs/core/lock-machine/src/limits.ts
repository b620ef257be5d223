/**
 * The bounds of the lock machine. Those in LockLimits come from the log (`set-limits`), so that
 * every node refuses the same commands; the values here hold until the log says otherwise.
 */
import type { LockLimits } from '@windlass/lock-wire';

export const defaultLimits: LockLimits = {
  /** A session costs about 400 bytes with one answer kept: 40 MB. */
  sessionsMax: 100_000,
  /** At most 300 bytes each for short keys: 600 MB, so smaller machines log a smaller bound. */
  locksMax: 2_000_000,
  /** Granted in one entry where all of them are shared: about 5 ms. */
  waitersPerLockMax: 10_000,
  /** Holds and waits together. All of them end in one entry when the session does: about 3 ms. */
  holdsPerSessionMax: 5_000,
  /** Answers kept for repetition, about 130 bytes each. */
  unacknowledgedPerSessionMax: 10_000,
};

/** Holders of one lock that a view shows, and as many waiters: at most 4 MB of metadata. */
export const shownPerLockMax = 1_000;

/** Re-entrant holds counted by one hold. Far above any depth of calls, far below 32 bits. */
export const holdCountMax = 100_000;
