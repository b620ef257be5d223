/**
 * Lets stopped processes go on even if the nemesis itself is killed: a shell in a session of its own,
 * which no Ctrl-C reaches, waits for the longest time that the freeze may take. SIGCONT does nothing to
 * a process that runs.
 */
import { spawn } from 'node:child_process';

/** What the nemesis may be late by before the guard steps in. */
const marginMs = 3_000;

export type ThawGuard = { readonly dismiss: () => void };

export function startThawGuard(pids: readonly number[], longestMs: number): ThawGuard {
  const seconds = Math.ceil((longestMs + marginMs) / 1_000);
  const script = `sleep "$1"; shift; kill -CONT "$@" 2>/dev/null`;
  const child = spawn('sh', ['-c', script, 'thaw-guard', String(seconds), ...pids.map(String)], {
    detached: true,
    stdio: 'ignore',
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.unref();
  return {
    dismiss: () => {
      if (ended || child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    },
  };
}
