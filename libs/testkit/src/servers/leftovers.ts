/**
 * Pid files: the last line of defence. Where an owner and its keeper were both killed, the servers
 * run on; the next start on the same folder, or `endLeftovers`, ends them.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStart, signalTree } from './process-tree.ts';

/** A process that was killed is gone within milliseconds, on a busy machine within seconds. */
const endDeadlineMs = 10_000;
const pollMs = 10;

type Identity = { readonly pid: number; readonly start: string };
type PidFile = { readonly server: Identity; readonly keeper: Identity };

/** Called by the keeper once a server runs. */
export function writePidFile(file: string, serverPid: number): void {
  const record: PidFile = { server: identityOf(serverPid), keeper: identityOf(process.pid) };
  writeFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o644 });
}

/**
 * Ends the server that a pid file names, when its keeper is gone, and removes the file.
 *
 * @throws Error while the keeper runs: then the server belongs to an owner that is still at work
 */
export async function endLeftover(file: string): Promise<void> {
  const record = readPidFile(file);
  if (record === null) return;
  if (isRunning(record.server) && isRunning(record.keeper)) {
    throw new Error(
      `${file}: process ${record.server.pid} runs already, kept by process ${record.keeper.pid}`,
    );
  }
  if (isRunning(record.server)) signalTree(record.server.pid, 'SIGKILL');
  const deadline = performance.now() + endDeadlineMs;
  while (isRunning(record.server)) {
    if (performance.now() > deadline) {
      throw new Error(`process ${record.server.pid} didn't end within ${endDeadlineMs} ms`);
    }
    await sleep(pollMs);
  }
  rmSync(file, { force: true });
}

/** Ends every server that the pid files of a folder name, and whose keeper is gone. */
export async function endLeftovers(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  const files = readdirSync(dataDir).filter((file) => file.endsWith('.pid'));
  for (const file of files.sort()) await endLeftover(join(dataDir, file));
}

function readPidFile(file: string): PidFile | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  // Cut short by a crash while it was written: the keeper died before the server was of use.
  if (!text.endsWith('\n')) return null;
  const record: PidFile = JSON.parse(text);
  return record;
}

function identityOf(pid: number): Identity {
  return { pid, start: processStart(pid) ?? '' };
}

function isRunning(identity: Identity): boolean {
  return identity.start !== '' && processStart(identity.pid) === identity.start;
}
