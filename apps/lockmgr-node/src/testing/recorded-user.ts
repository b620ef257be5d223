/**
 * Users of locks whose every step is recorded: each has a client of the library, which is one
 * session, and does one thing after the other. A client whose last outcome isn't known is let go,
 * and a new one takes its place, so that nothing of the old session is taken for the new one's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import type { HoldMode } from '@windlass/linearizability';
import { createLockClient, type Lock, type LockClient, LockError } from '@windlass/lock-client';
import type { HistoryRecorder } from './history-recorder.ts';

export type UserOptions = {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
  readonly recorder: HistoryRecorder;
  readonly random: Random;
  readonly signal: AbortSignal;
};

type Wish = { readonly key: string; readonly mode: HoldMode; readonly limit: number };

/** Few, so that they are always contended for. The second is read and written. */
const wishes: readonly Wish[] = [
  { key: 'exclusive', mode: 'exclusive', limit: 0 },
  { key: 'mixed', mode: 'exclusive', limit: 0 },
  { key: 'mixed', mode: 'shared', limit: 0 },
  { key: 'mixed', mode: 'shared', limit: 0 },
  { key: 'semaphore', mode: 'semaphore', limit: 2 },
];

/** Keys that readers look at: a semaphore's holds make the check expensive. */
const readKeys = ['exclusive', 'mixed'];

const waitMs = 8_000;
const holdMsMax = 30;
const readPauseMs = 50;

/** What the library may say to a request that is right, when nodes fail. */
const outcomesUnknown: ReadonlySet<string> = new Set([
  'WaitTimeout',
  'Unavailable',
  'NotLeader',
  'SessionExpired',
]);

/** Takes and gives back locks until the signal aborts. Rejects with what a client may never see. */
export async function runUser(options: UserOptions): Promise<void> {
  const { random, signal } = options;
  let client = openClient(options);
  const closing: Promise<void>[] = [];
  while (!signal.aborted) {
    if (await useLock(client, options, random.pick(wishes))) continue;
    options.recorder.endSession(client.session);
    closing.push(client.locks.close());
    client = openClient(options);
  }
  await Promise.all([...closing, client.locks.close()]);
}

/** Reads holders and tokens until the signal aborts. A read that fails has said nothing. */
export async function runReader(options: UserOptions): Promise<void> {
  const { addresses, random, recorder, signal } = options;
  const locks = createLockClient({ addresses, callDeadlineMs: 1_000 });
  let seen = { key: '', token: 0 };
  while (!signal.aborted) {
    const key = random.pick(readKeys);
    try {
      const get = recorder.call(key, { kind: 'get' });
      const { lock } = await locks.get(key);
      const holders = lock.holders.map(({ clientName, holdCount, token }) => {
        return { session: Number(clientName), token, holdCount };
      });
      recorder.ended(get, { kind: 'holders', holders });
      const validate = recorder.call(seen.key, { kind: 'validate', token: seen.token });
      if (seen.token > 0) {
        const { valid } = await locks.validate(seen.key, seen.token);
        recorder.ended(validate, { kind: 'validity', valid });
      }
      seen = { key, token: holders[0]?.token ?? 0 };
    } catch (error) {
      if (!(error instanceof LockError) || !outcomesUnknown.has(error.code)) throw error;
    }
    await sleep(readPauseMs);
  }
  await locks.close();
}

type UserClient = { readonly session: number; readonly locks: LockClient; sequence: number };

function openClient({ addresses, recorder, ttlMs }: UserOptions): UserClient {
  const session = recorder.newSession();
  const clientName = String(session);
  const locks = createLockClient({ addresses, clientName, retryAcquires: false, ttlMs });
  return { session, locks, sequence: 0 };
}

/** False: how it ended isn't known. */
async function useLock(client: UserClient, options: UserOptions, wish: Wish): Promise<boolean> {
  const { random } = options;
  const taken = await acquire(client, options, wish, random.chance(0.25), false);
  if (taken.kind !== 'granted') return taken.kind === 'held';
  const { lock } = taken;
  await sleep(random.integer(0, holdMsMax));
  if (wish.mode === 'semaphore' || !random.chance(0.2)) return release(client, options, lock, 0);
  const again = await acquire(client, options, wish, false, true);
  if (again.kind !== 'granted') return false;
  // Not the same session's any more: the first hold was lost meanwhile.
  if (again.lock.token !== lock.token) return false;
  return (
    (await release(client, options, again.lock, 1)) && (await release(client, options, lock, 0))
  );
}

type Taken =
  | { readonly kind: 'granted'; readonly lock: Lock }
  | { readonly kind: 'held' }
  | { readonly kind: 'unknown' };

async function acquire(
  client: UserClient,
  { recorder }: UserOptions,
  { key, limit, mode }: Wish,
  isTry: boolean,
  reentrant: boolean,
): Promise<Taken> {
  client.sequence += 1;
  const { locks, sequence, session } = client;
  const permits = mode === 'semaphore' ? 1 : 0;
  const call = recorder.call(key, { kind: 'acquire', session, sequence, mode, permits, limit });
  try {
    const lock = await (mode === 'semaphore'
      ? takePermit(locks, key, limit, isTry)
      : takeLock(locks, key, { mode, reentrant }, isTry));
    recorder.ended(call, grantOf(lock));
    if (lock === null) return { kind: 'held' };
    recorder.sure(session, lock.remainingMs);
    return { kind: 'granted', lock };
  } catch (error) {
    if (!(error instanceof LockError) || !outcomesUnknown.has(error.code)) throw error;
    recorder.ended(call, null);
    return { kind: 'unknown' };
  }
}

function grantOf(lock: Lock | null) {
  if (lock === null) return { kind: 'held' } as const;
  return { kind: 'granted', token: lock.token, holdCount: lock.holdCount } as const;
}

function takePermit(locks: LockClient, key: string, limit: number, isTry: boolean) {
  const semaphore = locks.semaphore(key, limit);
  return isTry ? semaphore.tryAcquire() : semaphore.acquire({ waitMs });
}

function takeLock(
  locks: LockClient,
  key: string,
  how: { readonly mode: 'exclusive' | 'shared'; readonly reentrant: boolean },
  isTry: boolean,
) {
  return isTry ? locks.tryAcquire(key, how) : locks.acquire(key, { ...how, waitMs });
}

/** @param holdCount what is left of the hold then */
async function release(
  { session }: UserClient,
  { recorder }: UserOptions,
  lock: Lock,
  holdCount: number,
): Promise<boolean> {
  recorder.sure(session, lock.remainingMs);
  const call = recorder.call(lock.key, { kind: 'release', session, token: lock.token });
  try {
    const { lost } = await lock.release();
    recorder.ended(call, lost ? null : { kind: 'released', holdCount });
    return !lost;
  } catch (error) {
    if (!(error instanceof LockError) || !outcomesUnknown.has(error.code)) throw error;
    recorder.ended(call, null);
    return false;
  }
}
