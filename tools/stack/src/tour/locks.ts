/**
 * The tour's part on locks: one client takes a lock, another one waits and gets it next, and what the
 * lock protects tells the two apart by their tokens. Nothing is left.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFencingGuard, createLockClient, type LockClient } from '@windlass/lock-client';
import { TourFailure } from './api.ts';

export type LocksTour = {
  readonly addresses: readonly string[];
  /** PEM of the authority; null: plain text. */
  readonly caFile: string | null;
  /** Shows a line as soon as it's there. */
  readonly show: (step: Promise<string>) => Promise<void>;
};

const key = 'windlass-tour/invoice-42';
/** What a tour that was cut short holds ends by then; and the first grant of a fresh cluster. */
const waitMs = 30_000;
const ttlMs = 10_000;
const queuedDeadlineMs = 10_000;
const pollMs = 20;

/** @throws TourFailure where the lock manager doesn't do what it should */
export async function tourLocks({ addresses, caFile, show }: LocksTour): Promise<void> {
  const tls = caFile === null ? {} : { tls: { ca: readFileSync(caFile) } };
  await using ada = createLockClient({ addresses, ttlMs, clientName: 'tour: ada', ...tls });
  await using bob = createLockClient({ addresses, ttlMs, clientName: 'tour: bob', ...tls });
  const taking = ada.acquire(key, { waitMs });
  await show(taking.then(({ token }) => `locked ${key}: ada holds it, with token ${token}`));
  const first = await taking;

  const waiting = bob.acquire(key, { waitMs });
  // Handled where it's awaited; it may fail before.
  waiting.catch(() => undefined);
  await show(untilQueued(ada));

  const releasedMs = performance.now();
  const handover = first.release().then(() => waiting);
  await show(handover.then(({ token }) => handedOver(first.token, token, releasedMs)));
  const second = await handover;

  const guard = createFencingGuard();
  guard.check(second);
  if (guard.check(first).ok) {
    throw new TourFailure(`token ${first.token} is let through after ${second.token}`);
  }
  await second.release();
  await show(
    Promise.resolve(`a write by ada is refused now: ${first.token} is below ${second.token}`),
  );
}

async function untilQueued(client: LockClient): Promise<string> {
  const endMs = performance.now() + queuedDeadlineMs;
  for (;;) {
    const { waiterCount } = (await client.get(key)).lock;
    if (waiterCount > 0) return `bob waits for it, ${waiterCount} in the queue`;
    if (performance.now() > endMs) throw new TourFailure('the second client is in no queue');
    await sleep(pollMs);
  }
}

function handedOver(before: number, after: number, releasedMs: number): string {
  if (after <= before) throw new TourFailure(`token ${after} was granted after ${before}`);
  const took = Math.round(performance.now() - releasedMs);
  return `released, and handed over in ${took} ms: bob holds it, with token ${after}`;
}
