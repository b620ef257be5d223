/** Ends processes for certain: asks, waits, kills, waits again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../system-errors.ts';
import { isAlive, type ProcessIdentity } from './identity.ts';

/** How often a dying process is looked at. */
const pollMs = 25;
/** What SIGKILL may take: the kernel has to free the process's memory. */
const killDeadlineMs = 10_000;

export type Ending = 'was-gone' | 'ended' | 'killed' | 'survived';

/**
 * Sends the signal, waits up to graceMs, then SIGKILL. Only a process with this very start time is
 * ever signalled.
 *
 * @returns `survived` only where the kernel doesn't let go of it (uninterruptible I/O)
 */
export async function endProcess(
  identity: ProcessIdentity,
  options: { readonly signal?: NodeJS.Signals; readonly graceMs: number },
): Promise<Ending> {
  if (!send(identity, options.signal ?? 'SIGTERM')) return 'was-gone';
  // A stopped process doesn't handle the signal until it's continued.
  send(identity, 'SIGCONT');
  if (await gone(identity, options.graceMs)) return 'ended';
  send(identity, 'SIGKILL');
  return (await gone(identity, killDeadlineMs)) ? 'killed' : 'survived';
}

/** True once the process is gone; false when it's still there after deadlineMs. */
export async function gone(identity: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const until = performance.now() + deadlineMs;
  while (isAlive(identity)) {
    if (performance.now() >= until) return false;
    await sleep(pollMs);
  }
  return true;
}

/** Signals exactly this process; false where it's gone. */
export function send(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}
