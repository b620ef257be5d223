/** What callers may ask for, and what that means for the wire. */
import { acquire, LockMode, operationBounds, validateOperation } from '@windlass/lock-wire';
import type { AcquireRequest } from './acquire-task.ts';
import { LockError } from './lock-error.ts';
import { answerMarginMs, waitMsDefault } from './session/limits.ts';
import type { TransportOptions } from './transport.ts';

export type LockClientOptions = TransportOptions & {
  /** host:port of nodes of the lock manager, or of a name that leads to any of them. */
  readonly addresses: readonly string[];
  /**
   * Time to live of the session: so long after the death of this process its locks go to others.
   * 1,000 to 300,000 by default; the lock manager's default is 30,000.
   */
  readonly ttlMs?: number;
  /** Shown to people beside what the client holds; at most 255 bytes. */
  readonly clientName?: string;
  /**
   * What happens to acquires that wait when the session is lost (the process was paused, or no node
   * answered for the TTL). True, the default: they go on in a new session, at the end of the
   * queue. False: they fail with SessionExpired.
   */
  readonly retryAcquires?: boolean;
  /** For what doesn't wait for a lock, with all tries; 10,000 by default. */
  readonly callDeadlineMs?: number;
};

export type WaitOptions = {
  /**
   * How long to wait for the lock, 30,000 by default. 0 doesn't wait; Infinity waits until the
   * signal aborts or the client is closed.
   */
  readonly waitMs?: number;
  /** Shown with the lock; at most 4,096 bytes. */
  readonly metadata?: string | Uint8Array;
  /** Ends the wait with a LockError `Cancelled`. Without effect on a lock that is held. */
  readonly signal?: AbortSignal;
};

export type AcquireOptions = WaitOptions & {
  /** `exclusive` by default. Any number of clients may hold a lock shared. */
  readonly mode?: 'exclusive' | 'shared';
  /**
   * True: where this client holds the lock already, it holds it once more, with the same token.
   * False, the default: tasks that share a client wait for one another like different clients.
   */
  readonly reentrant?: boolean;
};

export type PermitOptions = WaitOptions & {
  /** Permits to take at once; 1 by default. */
  readonly permits?: number;
};

export type Wanted = {
  readonly mode: LockMode;
  readonly permits: number;
  readonly limit: number;
  readonly isReentrant: boolean;
};

export const wantedExclusive: Wanted = {
  mode: LockMode.Exclusive,
  permits: 0,
  limit: 0,
  isReentrant: false,
};

/** @throws LockError Invalid, with the field's name */
export function acquireRequest(
  key: string,
  wanted: Wanted,
  options: WaitOptions,
  callDeadlineMs: number,
  nowMs: number,
): AcquireRequest {
  const { signal = null, waitMs = waitMsDefault } = options;
  if (!(waitMs >= 0)) throw new LockError('Invalid', `waitMs: ${waitMs} is less than 0`);
  const { isReentrant, limit, mode, permits } = wanted;
  const metadata = bytesOf(options.metadata);
  const problem = validateOperation(
    acquire({ sequence: 1, key, mode, permits, limit, metadata }),
    operationBounds,
  );
  if (problem !== null) throw new LockError('Invalid', problem);
  const isTry = waitMs === 0;
  return {
    key,
    mode,
    permits,
    limit,
    metadata,
    waitEndMs: isTry ? Number.NEGATIVE_INFINITY : nowMs + waitMs,
    giveUpMs: nowMs + (isTry ? callDeadlineMs : waitMs + answerMarginMs),
    isReentrant,
    signal,
  };
}

export function bytesOf(value: string | Uint8Array | undefined): Uint8Array {
  if (value === undefined) return noBytes;
  return typeof value === 'string' ? encoder.encode(value) : value;
}

const noBytes = new Uint8Array(0);
const encoder = new TextEncoder();
