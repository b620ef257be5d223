/** Processes by pid: whether one is still the same, its children, and signals to all of them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errorCode } from './system-error.ts';

/**
 * When the process with this pid started, in the system's own words; null when there is none. A
 * pid with another start is another process that got the number later.
 */
export function processStart(pid: number): string | null {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    // The name, in parentheses, may hold anything; the fields after it are numbers. Field 22 is
    // the start, field 3 the state (proc_pid_stat(5)). A zombie has ended.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** The process and all its descendants, children before their parents. */
export function processTree(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (const parent of tree) {
    for (const [child, childsParent] of rows) {
      if (childsParent === parent && child !== undefined) tree.push(child);
    }
  }
  return tree.reverse();
}

/** Sends a signal. False when there is no such process any more. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Sends a signal to the process and its descendants. PostgreSQL's children have sessions of their
 * own, so that no process group reaches them. The parent is stopped first: it can't make others.
 */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  if (signal === 'SIGKILL') sendSignal(pid, 'SIGSTOP');
  for (const each of processTree(pid)) sendSignal(each, signal);
}
