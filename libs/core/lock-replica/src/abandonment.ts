/** The end of a leadership, for those who wait for its answers: what became of it isn't known. */
import { LockCode } from '@windlass/lock-wire';
import type { ReadWaiter } from './batch.ts';
import type { Leader } from './leader.ts';
import type { Outbox } from './outbox.ts';
import type { Routes } from './routes.ts';
import type { CallId } from './types.ts';

/** Refuses everything that waits. Streams are sent to the next leader by their owner. */
export function abandon(
  leader: Leader,
  routes: Routes,
  outbox: Outbox,
  leaderAddress: string,
): void {
  for (const batch of leader.abandoned()) {
    for (const read of batch.reads) giveUpRead(read, outbox, leaderAddress);
    for (const waiter of batch.openWaiters.values()) {
      if (waiter.kind === 'call') refuse(waiter.call, outbox, leaderAddress);
    }
    for (const call of batch.forceReleases) refuse(call, outbox, leaderAddress);
  }
  for (const reads of leader.reads.values()) {
    for (const read of reads) giveUpRead(read, outbox, leaderAddress);
  }
  for (const { call } of leader.membershipCalls) refuse(call, outbox, leaderAddress);
  for (const call of routes.takeCalls()) refuse(call, outbox, leaderAddress);
}

export function giveUpRead(read: ReadWaiter, outbox: Outbox, leaderAddress: string): void {
  // A stream's renewals end with the stream.
  if ('call' in read) refuse(read.call, outbox, leaderAddress);
}

function refuse(call: CallId, outbox: Outbox, leaderAddress: string): void {
  const message = 'the leadership ended before the outcome was known';
  outbox.refuse(call, LockCode.Unavailable, message, leaderAddress);
}
