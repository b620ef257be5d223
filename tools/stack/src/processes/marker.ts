/**
 * Every process of a stack carries the stack's folder in its environment. So also those are found
 * whose pid nobody could write down: what a supervisor had just started when it was killed, or the
 * children of a server whose parent died.
 *
 * Works where /proc shows environments (Linux). Elsewhere only recorded processes are found.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { errorCode } from '../system-errors.ts';
import { identify, type ProcessIdentity } from './identity.ts';

/** Its value is the absolute path of the stack's folder: another checkout's stack has another. */
export const stackMarker = 'WINDLASS_STACK_FOLDER';

/** True when the environment (as in /proc/<pid>/environ, NUL-separated) marks that folder. */
export function carriesMarker(environ: string, folder: string): boolean {
  return environ.split('\0').includes(`${stackMarker}=${folder}`);
}

/** All live processes of the stack, but this one. Sorted by pid. */
export function findMarked(folder: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  const found: ProcessIdentity[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isSafeInteger(pid) || pid === process.pid) continue;
    // Identity first: if the pid changes hands while its environment is read, the identity is
    // stale and nothing is signalled.
    const identity = identify(pid);
    const environ = identity && readEnvironment(pid);
    if (identity && environ && carriesMarker(environ, folder)) found.push(identity);
  }
  return found.sort((a, b) => a.pid - b.pid);
}

function readEnvironment(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    // Ended meanwhile, or another user's: not ours then.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}
