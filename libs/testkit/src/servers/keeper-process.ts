/**
 * The keeper's own process: the parent of an owner's servers. It ends when its owner does, and
 * takes the servers with it. See keeper.ts for the why.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import type { FromKeeper, ProcessSpec, ToKeeper } from './keeper-messages.ts';
import { writePidFile } from './leftovers.ts';
import { sendSignal, signalTree } from './process-tree.ts';

const children = new Map<number, ChildProcess>();
const heldFolders = new Set<string>();
let orphaned = false;

process.on('message', (message: ToKeeper) => handle(message));
process.on('disconnect', endEverything);
// The owner decides when its servers end; a signal to a whole session must not end them first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

function handle(message: ToKeeper): void {
  switch (message.kind) {
    case 'start':
      start(message.id, message.spec);
      return;
    case 'signal': {
      const pid = children.get(message.id)?.pid;
      if (pid !== undefined) sendSignal(pid, message.signal);
      return;
    }
    case 'signal-tree': {
      const pid = children.get(message.id)?.pid;
      if (pid !== undefined) signalTree(pid, message.signal);
      tell({ kind: 'signalled', id: message.id });
      return;
    }
    case 'hold':
      heldFolders.add(message.folder);
      return;
    case 'release':
      heldFolders.delete(message.folder);
      return;
    default:
      message satisfies never;
  }
}

function start(id: number, spec: ProcessSpec): void {
  let output: number;
  try {
    output = openSync(spec.logFile, 'a', 0o644);
  } catch (error) {
    tell({ kind: 'refused', id, reason: String(error) });
    return;
  }
  const child = spawn(spec.command, spec.args, {
    cwd: spec.workDir,
    env: spec.env,
    stdio: ['ignore', output, output],
    ...spec.user,
  });
  closeSync(output);
  let ended = false;
  child.once('error', (error) => {
    if (child.pid === undefined) tell({ kind: 'refused', id, reason: error.message });
  });
  child.once('exit', (code, signal) => {
    ended = true;
    children.delete(id);
    rmSync(spec.pidFile, { force: true });
    if (orphaned) finishWhenEmpty();
    else tell({ kind: 'exited', id, code, signal });
  });
  if (child.pid === undefined) return;
  children.set(id, child);
  if (!ended) writePidFile(spec.pidFile, child.pid);
  tell({ kind: 'started', id, pid: child.pid });
}

/** Servers lose nothing by SIGKILL that they acknowledged, and nobody is left to wait for more. */
function endEverything(): void {
  orphaned = true;
  for (const child of children.values()) {
    if (child.pid !== undefined) signalTree(child.pid, 'SIGKILL');
  }
  finishWhenEmpty();
}

function finishWhenEmpty(): void {
  if (children.size > 0) return;
  for (const folder of heldFolders) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

function tell(message: FromKeeper): void {
  if (process.connected) process.send?.(message);
}
