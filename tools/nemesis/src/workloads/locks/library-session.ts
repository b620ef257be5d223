/** A session of the client library. */
import { createLockClient, type Lock, LockError } from '@windlass/lock-client';
import type { AcquireOutcome, Held, LockSession, Unexpected, Wish } from './session.ts';

export type LibrarySessionOptions = {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
  readonly clientName: string;
};

/** What the library may say to an acquire that is right. */
const notGranted: ReadonlySet<string> = new Set(['Held', 'WaitTimeout', 'Unavailable']);

export function openLibrarySession(options: LibrarySessionOptions): LockSession {
  const { ttlMs } = options;
  const client = createLockClient(options);

  async function take({ key, kind, waitMs }: Wish): Promise<Lock | null> {
    if (kind.mode === 'semaphore') {
      const semaphore = client.semaphore(key, kind.limit);
      return waitMs === 0 ? semaphore.tryAcquire() : semaphore.acquire({ waitMs });
    }
    const { mode } = kind;
    return waitMs === 0 ? client.tryAcquire(key, { mode }) : client.acquire(key, { mode, waitMs });
  }

  return {
    ttlMs,
    acquire: async (wish): Promise<AcquireOutcome> => {
      try {
        const lock = await take(wish);
        return lock === null ? { kind: 'not-granted' } : { kind: 'granted', held: heldOf(lock) };
      } catch (error) {
        if (!(error instanceof LockError)) throw error;
        if (notGranted.has(error.code)) return { kind: 'not-granted' };
        return error.code === 'SessionExpired' ? { kind: 'lost' } : unexpected(error);
      }
    },
    // It can't be made to: only a process that is stopped sleeps.
    fallAsleep: () => undefined,
    close: client.close,
  };
}

function heldOf(lock: Lock): Held {
  return {
    token: lock.token,
    remainingMs: () => lock.remainingMs,
    release: async () => {
      try {
        const { lost } = await lock.release();
        return lost ? { kind: 'lost' } : { kind: 'released' };
      } catch (error) {
        if (!(error instanceof LockError)) throw error;
        return error.code === 'Unavailable' ? { kind: 'lost' } : unexpected(error);
      }
    },
  };
}

function unexpected({ code, message }: LockError): Unexpected {
  return { kind: 'unexpected', rule: 'unexpected-answer', detail: `${code}: ${message}` };
}
