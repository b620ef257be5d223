/**
 * Servers that don't outlive their owner.
 *
 * The process that wants servers (a test run, a worker of it, the local stack) is their owner. It
 * forks one keeper, in a session of its own, and the keeper starts the servers. The pipe between
 * the two closes when the owner ends for any reason, SIGKILL included; the keeper then kills the
 * servers, removes the folders it was told to hold, and ends. Should the keeper die first, the
 * owner kills the servers. Should both be killed at once, pid files are left (leftovers.ts).
 *
 * Being the servers' parent, the keeper never signals a pid that has become someone else's.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FromKeeper, ProcessSpec, ToKeeper } from './keeper-messages.ts';
import { endLeftover } from './leftovers.ts';
import { signalTree } from './process-tree.ts';
import type { ProcessExit, ServerProcess } from './types.ts';

export type StartSpec = ProcessSpec & {
  /** What asks this program to stop: PostgreSQL wants SIGINT. */
  readonly stopSignal: NodeJS.Signals;
  /** After this long, stop() kills. */
  readonly stopDeadlineMs: number;
};

type Kept = {
  pid: number | null;
  readonly started: (pid: number) => void;
  readonly refused: (reason: string) => void;
  readonly exited: (exit: ProcessExit) => void;
  /** Who waits for `signalled`, in the order of the signals. */
  readonly signalled: (() => void)[];
};

type Keeper = { readonly channel: ChildProcess; readonly kept: Map<number, Kept> };

let current: Keeper | null = null;
let lastId = 0;

/** Starts a program under this process's keeper. Rejects when it can't be started at all. */
export async function startProcess(spec: StartSpec): Promise<ServerProcess> {
  for (const file of [spec.pidFile, spec.logFile]) mkdirSync(dirname(file), { recursive: true });
  await endLeftover(spec.pidFile);
  const keeper = (current ??= forkKeeper());
  lastId += 1;
  const id = lastId;
  const { stopSignal, stopDeadlineMs, ...processSpec } = spec;
  const exit = Promise.withResolvers<ProcessExit>();
  const start = Promise.withResolvers<number>();
  keeper.kept.set(id, {
    pid: null,
    started: start.resolve,
    refused: (reason) => start.reject(new Error(`${spec.name} can't be started: ${reason}`)),
    exited: exit.resolve,
    signalled: [],
  });
  keeper.channel.channel?.ref();
  tell(keeper, { kind: 'start', id, spec: processSpec });
  const pid = await start.promise;
  const signalAll = (signal: NodeJS.Signals) => sendToTree(keeper, id, signal);
  return {
    name: spec.name,
    pid,
    logFile: spec.logFile,
    exited: exit.promise,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    kill: async () => {
      await signalAll('SIGKILL');
      return exit.promise;
    },
    stop: async () => {
      tell(keeper, { kind: 'signal', id, signal: stopSignal });
      // A paused process hears nothing but this.
      await signalAll('SIGCONT');
      const killer = setTimeout(() => void signalAll('SIGKILL'), stopDeadlineMs);
      return exit.promise.finally(() => clearTimeout(killer));
    },
  };
}

/** Settles once the signal has been sent, or there is no process any more to send it to. */
async function sendToTree(keeper: Keeper, id: number, signal: NodeJS.Signals): Promise<void> {
  const kept = keeper.kept.get(id);
  if (kept === undefined) return;
  const sent = new Promise<void>((resolve) => {
    kept.signalled.push(resolve);
  });
  tell(keeper, { kind: 'signal-tree', id, signal });
  await sent;
}

/** Has the keeper remove a folder when this process ends without having removed it itself. */
export function holdFolder(folder: string): void {
  tell((current ??= forkKeeper()), { kind: 'hold', folder });
}

export function releaseFolder(folder: string): void {
  if (current !== null) tell(current, { kind: 'release', folder });
}

function forkKeeper(): Keeper {
  const child = fork(fileURLToPath(new URL('keeper-process.ts', import.meta.url)), {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Not the owner's: a test runner's flags and settings, and secrets, are no business of servers.
    execArgv: [],
    env: plainEnv(),
  });
  const keeper: Keeper = { channel: child, kept: new Map() };
  child.on('message', (message: FromKeeper) => hear(keeper, message));
  child.once('exit', () => loseKeeper(keeper));
  // A failed fork or send shows as the keeper's end.
  child.once('error', () => loseKeeper(keeper));
  child.unref();
  child.channel?.unref();
  return keeper;
}

/** What programs need from the environment, and nothing else of it. */
export function plainEnv(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function hear(keeper: Keeper, message: FromKeeper): void {
  const kept = keeper.kept.get(message.id);
  if (kept === undefined) return;
  switch (message.kind) {
    case 'started':
      kept.pid = message.pid;
      kept.started(message.pid);
      return;
    case 'signalled':
      kept.signalled.shift()?.();
      return;
    case 'refused':
      kept.refused(message.reason);
      break;
    case 'exited':
      end(kept, { code: message.code, signal: message.signal });
      break;
    default:
      message satisfies never;
  }
  keeper.kept.delete(message.id);
  // A process with running servers goes on living, one without may end.
  if (keeper.kept.size === 0) keeper.channel.channel?.unref();
}

/** Only a kill ends the keeper while servers run: end them too, as nobody else will. */
function loseKeeper(keeper: Keeper): void {
  if (current === keeper) current = null;
  for (const kept of keeper.kept.values()) {
    if (kept.pid === null) {
      kept.refused('its keeper ended');
      continue;
    }
    signalTree(kept.pid, 'SIGKILL');
    end(kept, { code: null, signal: 'SIGKILL' });
  }
  keeper.kept.clear();
}

function end(kept: Kept, exit: ProcessExit): void {
  kept.exited(exit);
  for (const settle of kept.signalled.splice(0)) settle();
}

function tell(keeper: Keeper, message: ToKeeper): void {
  if (keeper.channel.connected) keeper.channel.send(message);
}
