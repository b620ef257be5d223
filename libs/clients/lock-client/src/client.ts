/** The client of the lock manager. Start of reading: `createLockClient`, then lock-session.ts. */
import { LockMode } from '@windlass/lock-wire';
import type { NodeCalls } from './call-node.ts';
import type { HeldLock } from './held-lock.ts';
import { campaign, type ElectOptions, type Leadership } from './leadership.ts';
import { LockError } from './lock-error.ts';
import { LockSession } from './lock-session.ts';
import {
  type AcquireOptions,
  acquireRequest,
  type LockClientOptions,
  type PermitOptions,
  type WaitOptions,
  type Wanted,
  wantedExclusive,
} from './options.ts';
import {
  type ForceReleaseOptions,
  forceReleaseLock,
  type ListOptions,
  type LockPage,
  type LockReading,
  listLocks,
  type ObservedLeader,
  observeLeader,
  readLock,
  type Validity,
  validateToken,
  type WatchItem,
  type WatchOptions,
  watchLocks,
} from './reads.ts';
import { callDeadlineMsDefault } from './session/limits.ts';
import { type Surroundings, systemSurroundings } from './surroundings.ts';
import { createTransport, type Transport } from './transport.ts';

/** A lock that is held. `await using` gives it back. */
export type Lock = Pick<
  HeldLock,
  | 'key'
  | 'token'
  | 'lastExclusiveToken'
  | 'holdCount'
  | 'signal'
  | 'remainingMs'
  | 'release'
  | typeof Symbol.asyncDispose
>;

export type Semaphore = {
  /** Waits for permits. */
  readonly acquire: (options?: PermitOptions) => Promise<Lock>;
  /** Null where the permits aren't free. */
  readonly tryAcquire: (options?: Omit<PermitOptions, 'waitMs'>) => Promise<Lock | null>;
};

export type LockClient = {
  /** Waits for a lock. @throws LockError */
  readonly acquire: (key: string, options?: AcquireOptions) => Promise<Lock>;
  /** Null where somebody else holds it. @throws LockError */
  readonly tryAcquire: (
    key: string,
    options?: Omit<AcquireOptions, 'waitMs'>,
  ) => Promise<Lock | null>;
  /** Runs something under a lock, which is released in any case. Heed `lock.signal` in it. */
  readonly withLock: <Value>(
    key: string,
    run: (lock: Lock) => Promise<Value>,
    options?: AcquireOptions,
  ) => Promise<Value>;
  /** Permits that several may hold. All users of the key say the same limit. */
  readonly semaphore: (key: string, limit: number) => Semaphore;
  /** Waits until this client leads; by default as long as it takes. */
  readonly elect: (election: string, options?: ElectOptions) => Promise<Leadership>;
  /** Who leads, now and at each change. */
  readonly observe: (
    election: string,
    options?: { readonly signal?: AbortSignal },
  ) => AsyncGenerator<ObservedLeader, void, undefined>;
  readonly get: (key: string) => Promise<LockReading>;
  /** Pages, fetched one by one. */
  readonly list: (options?: ListOptions) => AsyncGenerator<LockPage, void, undefined>;
  readonly watch: (options?: WatchOptions) => AsyncGenerator<WatchItem, void, undefined>;
  /** Whether a token still holds its lock. */
  readonly validate: (key: string, token: number) => Promise<Validity>;
  /** Takes a lock from its holders; for operators. Returns how many holds were ended. */
  readonly forceRelease: (key: string, options: ForceReleaseOptions) => Promise<number>;
  /** Releases everything. What waits fails with Closed. */
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/**
 * One session, opened with the first lock that is asked for, kept over reconnects and changes of
 * leader until it is closed.
 */
export function createLockClient(options: LockClientOptions): LockClient {
  return assembleClient(options, createTransport(options), systemSurroundings);
}

/** The same with another network and another time. */
export function assembleClient(
  options: LockClientOptions,
  transport: Transport,
  surroundings: Surroundings,
): LockClient {
  const { addresses, callDeadlineMs = callDeadlineMsDefault } = options;
  if (addresses.length === 0) throw new LockError('Invalid', 'addresses: there is none');
  const settings = {
    addresses,
    ttlMs: options.ttlMs ?? 0,
    clientName: options.clientName ?? '',
    retriesAcquires: options.retryAcquires ?? true,
  };
  const session = new LockSession(settings, transport, surroundings);
  const closing = new AbortController();
  const calls: NodeCalls = {
    addresses,
    transport,
    surroundings,
    callDeadlineMs,
    closing: closing.signal,
    preferred: () => session.address,
  };

  async function ask(key: string, wanted: Wanted, wait: WaitOptions): Promise<HeldLock> {
    const nowMs = surroundings.nowMs();
    return session.acquire(acquireRequest(key, wanted, wait, callDeadlineMs, nowMs));
  }

  async function tryAsk(key: string, wanted: Wanted, wait: WaitOptions): Promise<Lock | null> {
    try {
      return await ask(key, wanted, { ...wait, waitMs: 0 });
    } catch (error) {
      if (error instanceof LockError && error.code === 'Held') return null;
      throw error;
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await session.close();
    transport.close();
  }

  return {
    acquire: (key, wait = {}) => ask(key, wantedOf(wait), wait),
    tryAcquire: (key, wait = {}) => tryAsk(key, wantedOf(wait), wait),
    withLock: async (key, run, wait = {}) => {
      await using lock = await ask(key, wantedOf(wait), wait);
      return await run(lock);
    },
    semaphore: (key, limit) => ({
      acquire: (wait = {}) => ask(key, permitsOf(limit, wait), wait),
      tryAcquire: (wait = {}) => tryAsk(key, permitsOf(limit, wait), wait),
    }),
    elect: (election, wait = {}) =>
      campaign(wait, (wanted) => ask(election, wantedExclusive, wanted)),
    observe: (election, { signal } = {}) => observeLeader(calls, election, signal),
    get: (key) => readLock(calls, key),
    list: (page = {}) => listLocks(calls, page),
    watch: (from = {}) => watchLocks(calls, from),
    validate: (key, token) => validateToken(calls, key, token),
    forceRelease: (key, which) => forceReleaseLock(calls, key, which),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function wantedOf({ mode, reentrant }: AcquireOptions): Wanted {
  return {
    mode: mode === 'shared' ? LockMode.Shared : LockMode.Exclusive,
    permits: 0,
    limit: 0,
    isReentrant: reentrant ?? false,
  };
}

function permitsOf(limit: number, { permits = 1 }: PermitOptions): Wanted {
  return { mode: LockMode.Semaphore, permits, limit, isReentrant: false };
}
