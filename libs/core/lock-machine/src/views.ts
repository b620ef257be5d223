/** What others may see of the state: copies, never the records themselves. */
import { shownPerLockMax } from './limits.ts';
import { holdsOfLock } from './lists.ts';
import { headOf, holderCountOf, type Lock, lastExclusiveTokenOf, type Session } from './records.ts';
import type { HolderView, LockView, SessionView, WaiterView } from './types.ts';

export function sessionView(session: Session): SessionView {
  return {
    sessionId: session.id,
    ttlMs: session.ttlMs,
    clientName: session.clientName,
    remainingMs: session.remainingMs < 0 ? null : session.remainingMs,
    lastIndex: session.lastIndex,
    lastSequence: session.lastSequence,
    holdCount: session.holdCount,
    waitCount: session.waitCount,
  };
}

export function lockView(lock: Lock): LockView {
  const { key, mode, crowd } = lock;
  return {
    key,
    mode,
    limit: crowd === null ? 0 : crowd.limit,
    lastExclusiveToken: lastExclusiveTokenOf(lock),
    holders: holderViews(lock),
    waiters: waiterViews(lock),
    holderCount: holderCountOf(lock),
    waiterCount: crowd === null ? 0 : crowd.waiterCount,
  };
}

function holderViews(lock: Lock): readonly HolderView[] {
  return holdsOfLock(lock)
    .slice(0, shownPerLockMax)
    .map(({ session, token, holdCount, permits, metadata }) => ({
      sessionId: session.id,
      token,
      holdCount,
      permits,
      clientName: session.clientName,
      metadata,
    }));
}

function waiterViews(lock: Lock): readonly WaiterView[] {
  const views: WaiterView[] = [];
  let waiter = headOf(lock);
  while (waiter !== null && views.length < shownPerLockMax) {
    const { session, sequence, mode, permits } = waiter;
    const clientName = session.clientName;
    views.push({ sessionId: session.id, sequence, mode, permits, clientName });
    waiter = waiter.behind;
  }
  return views;
}
