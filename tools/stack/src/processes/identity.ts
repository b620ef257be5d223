/**
 * Who a process is. A pid alone is reused by the system; a pid with its start time is not, so
 * nothing in the stack is ever signalled by pid alone.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errorCode, isExitCode } from '../system-errors.ts';

export type ProcessIdentity = {
  readonly pid: number;
  /**
   * Opaque text that no other process with this pid has or will have. On Linux the id of the boot
   * and the clock ticks since it; elsewhere what `ps -o lstart` says, which counts in seconds.
   */
  readonly startTime: string;
};

/** A call of ps takes milliseconds; one that hangs must not hang `make stop`. */
const psDeadlineMs = 5_000;

/** The identity of a live process; null where there is none, or only its zombie is left. */
export function identify(pid: number): ProcessIdentity | null {
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  const startTime = process.platform === 'linux' ? linuxStartTime(pid) : psStartTime(pid);
  return startTime === null ? null : { pid, startTime };
}

/** True while exactly this process runs: not after its pid went to another one. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** The identity in a file that one was written to. Throws where it's something else. */
export function parseIdentity(text: string): ProcessIdentity {
  const value: unknown = JSON.parse(text);
  if (isIdentity(value)) return value;
  throw new TypeError(`not the identity of a process: ${text}`);
}

export function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isSafeInteger(value.pid) &&
    'startTime' in value &&
    typeof value.startTime === 'string'
  );
}

/** This process itself. */
export function ownIdentity(): ProcessIdentity {
  const own = identify(process.pid);
  if (own === null) throw new Error('the start time of this process could not be read');
  return own;
}

/**
 * The start in clock ticks since boot, from the text of /proc/<pid>/stat (proc_pid_stat(5), field
 * 22); null for a zombie. The command's name, field 2, may itself hold spaces and parentheses.
 */
export function parseProcStat(text: string): number | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = Number(fields[19]);
  if (state === undefined || state === 'Z' || state === 'X') return null;
  return Number.isSafeInteger(startTicks) ? startTicks : null;
}

function linuxStartTime(pid: number): string | null {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const ticks = parseProcStat(stat);
  if (ticks === null) return null;
  const boot = readIfPresent('/proc/sys/kernel/random/boot_id') ?? '';
  return `${boot.trim()}/${ticks}`;
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between the opening and the reading.
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return null;
    throw error;
  }
}

function psStartTime(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: psDeadlineMs,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [state, ...start] = line.split(/\s+/);
    return state === undefined || state.startsWith('Z') ? null : start.join(' ');
  } catch (error) {
    // ps exits 1 where there is no such process.
    if (isExitCode(error, 1)) return null;
    throw error;
  }
}
