/** One supervisor per stack. The lock names its holder, so that a dead one's is taken over. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessIdentity, parseIdentity } from '../processes/identity.ts';
import { errorCode } from '../system-errors.ts';

/** Tries at a lock whose holder died: others may be at it too, and one of them wins each time. */
const triesMax = 10;

/**
 * Takes the lock for `own`, or gives the live holder that has it.
 *
 * The lock appears by link(2), which fails where the name exists and never shows half a file. A
 * dead holder's lock is moved aside by rename(2), which one of several succeeds with.
 */
export function takeLock(path: string, own: ProcessIdentity): ProcessIdentity | null {
  const mine = `${path}.${own.pid}`;
  const aside = `${path}.${own.pid}.dead`;
  writeFileSync(mine, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < triesMax; attempt += 1) {
      if (link(mine, path)) return null;
      const holder = lockHolder(path);
      if (holder === null) continue;
      if (isAlive(holder)) return holder;
      moveAside(path, aside, holder);
    }
    throw new Error(`${path} changes hands all the time`);
  } finally {
    rmSync(mine, { force: true });
    rmSync(aside, { force: true });
  }
}

/** Gives the lock back, if it is still this process's. */
export function releaseLock(path: string, own: ProcessIdentity): void {
  if (sameIdentity(lockHolder(path), own)) rmSync(path, { force: true });
}

/** Who holds the lock, dead or alive; null where nobody does. */
export function lockHolder(path: string): ProcessIdentity | null {
  try {
    return parseIdentity(readFileSync(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The live supervisor of the stack; null where none runs. */
export function liveHolder(path: string): ProcessIdentity | null {
  const holder = lockHolder(path);
  return holder !== null && isAlive(holder) ? holder : null;
}

function moveAside(path: string, aside: string, dead: ProcessIdentity): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  // Between the look and the move somebody may have taken it: then it goes back.
  if (!sameIdentity(lockHolder(aside), dead)) link(aside, path);
}

function link(existing: string, path: string): boolean {
  try {
    linkSync(existing, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function sameIdentity(a: ProcessIdentity | null, b: ProcessIdentity): boolean {
  return a !== null && a.pid === b.pid && a.startTime === b.startTime;
}
