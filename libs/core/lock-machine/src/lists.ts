/**
 * The lists of a lock or a session as arrays, in the order that behaviour may depend on: holds by
 * their tokens, waiters by their tickets. A list that was restored from a snapshot has any order,
 * so it's sorted where that matters; one that grew by itself is in order already.
 */
import type { Hold, Lock, Session, Waiter } from './records.ts';

export function holdsOfLock(lock: Lock): Hold[] {
  const holds: Hold[] = [];
  for (let hold = lock.newestHold; hold !== null; hold = hold.olderOfLock) holds.push(hold);
  return byToken(holds.reverse());
}

export function holdsOfSession(session: Session): Hold[] {
  const holds: Hold[] = [];
  for (let hold = session.newestHold; hold !== null; hold = hold.olderOfSession) holds.push(hold);
  return byToken(holds.reverse());
}

export function waitersOfSession(session: Session): Waiter[] {
  const waiters: Waiter[] = [];
  let waiter = session.newestWaiter;
  for (; waiter !== null; waiter = waiter.olderOfSession) waiters.push(waiter);
  return byTicket(waiters.reverse());
}

export function byTicket(waiters: Waiter[]): Waiter[] {
  return waiters.sort((left, right) => left.ticket - right.ticket);
}

/** The hold of this session on this lock; of a semaphore, any of them. */
export function holdOf(lock: Lock, session: Session): Hold | null {
  if (lock.crowd !== null && lock.crowd.holderCount > session.holdCount) {
    let hold = session.newestHold;
    while (hold !== null && hold.lock !== lock) hold = hold.olderOfSession;
    return hold;
  }
  let hold = lock.newestHold;
  while (hold !== null && hold.session !== session) hold = hold.olderOfLock;
  return hold;
}

/** The hold of this session on this lock that has this token. */
export function holdWithToken(lock: Lock, session: Session, token: number): Hold | null {
  if (lock.crowd !== null && lock.crowd.holderCount > session.holdCount) {
    const hold = holdOfSession(session, token);
    return hold !== null && hold.lock === lock ? hold : null;
  }
  let hold = lock.newestHold;
  while (hold !== null && hold.token !== token) hold = hold.olderOfLock;
  return hold !== null && hold.session === session ? hold : null;
}

export function holdOfSession(session: Session, token: number): Hold | null {
  let hold = session.newestHold;
  while (hold !== null && hold.token !== token) hold = hold.olderOfSession;
  return hold;
}

function byToken(holds: Hold[]): Hold[] {
  return holds.sort((left, right) => left.token - right.token);
}
