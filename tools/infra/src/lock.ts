/**
 * A lock between processes: a file that names its holder, by pid and start.
 *
 * Where there is no such process any more, its file is taken away. Two waiters that do this in
 * the same instant could both go on; callers must come to no harm from that, only do work twice.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStart } from '@windlass/testkit';
import type { Progress } from './progress.ts';

const pollMs = 500;

export type LockOptions = {
  readonly progress: Pick<Progress, 'show'>;
  readonly signal?: AbortSignal | undefined;
};

/** Runs the work while holding the lock; waits for another holder for as long as that one lives. */
export async function withLock<Value>(
  file: string,
  options: LockOptions,
  work: () => Promise<Value>,
): Promise<Value> {
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder !== null && holder !== holderName(Number(holder.split(' ')[0]))) {
      takeAway(file, holder);
      continue;
    }
    options.progress.show(`waiting for the build of process ${holder?.split(' ')[0] ?? '?'}`);
    await sleep(pollMs, undefined, { signal: options.signal });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** By a link to a file that is written already: the lock never lacks its holder's name. */
function take(file: string): boolean {
  const written = `${file}.${process.pid}.new`;
  writeFileSync(written, holderName(process.pid));
  try {
    linkSync(written, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(written, { force: true });
  }
}

/** Pid and start: the pid alone may by now belong to another process. */
export function holderName(pid: number): string {
  return `${pid} ${processStart(pid) ?? 'none'}`;
}

/** Null: released meanwhile. */
function holderOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Two waiters may find the same dead holder: the slower one gives back what it took too much. */
function takeAway(file: string, deadHolder: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (holderOf(aside) === deadHolder) rmSync(aside);
  else renameSync(aside, file);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
