/**
 * The processes of one stack, and signals to them. A process is known by the pid and the start time
 * that the stack's supervisor wrote down; nothing else is ever signalled.
 */
import { execFileSync } from 'node:child_process';
import { processStart } from '@windlass/testkit';
import {
  ComponentState,
  type ComponentStatus,
  runningState,
  type StackFolder,
} from '@windlass/tool-stack';
import { startThawGuard } from './thaw-guard.ts';

export type StackProcesses = {
  /** Names of the components that are processes of the stack, not servers of the user's. */
  readonly own: () => readonly string[];
  /** The pid, or null where the component doesn't run just now. */
  readonly pid: (component: string) => number | null;
  /** SIGKILL goes to the children too. Null: it doesn't run. */
  readonly signal: (component: string, signal: NodeJS.Signals) => Signalled | null;
  /** SIGSTOP to the process and its children, until thawed, or the guard's time is over. */
  readonly freeze: (component: string, longestMs: number) => Frozen | null;
  /** Lets everything that is frozen go on. */
  readonly thawAll: () => void;
  /** Why not everything runs; null where it does. */
  readonly unready: () => string | null;
};

export type Signalled = { readonly pid: number; readonly endIfAlive: () => boolean };
export type Frozen = { readonly pid: number; readonly thaw: () => void };

type Known = { readonly pid: number; readonly start: string | null };

/** A call of ps takes milliseconds. */
const psDeadlineMs = 5_000;

const goodStates: ReadonlySet<string> = new Set([
  ComponentState.Running,
  ComponentState.Done,
  ComponentState.External,
  ComponentState.Foreground,
  ComponentState.Off,
]);

export function stackProcesses(folder: StackFolder): StackProcesses {
  const thaws = new Set<() => void>();
  const components = () => runningState(folder)?.components ?? [];
  const find = (name: string) => {
    const component = components().find((each) => each.name === name);
    return component === undefined ? null : livePid(component);
  };
  return {
    own: () => components().flatMap((each) => (livePid(each) === null ? [] : [each.name])),
    pid: find,
    signal: (name, signal) => {
      const pid = find(name);
      if (pid === null) return null;
      const root: Known = { pid, start: processStart(pid) };
      signalWithChildren(root, signal);
      return { pid, endIfAlive: () => signalWithChildren(root, 'SIGKILL') };
    },
    freeze: (name, longestMs) => {
      const pid = find(name);
      if (pid === null) return null;
      const root: Known = { pid, start: processStart(pid) };
      // The parent first: it can't make other children then.
      send(root, 'SIGSTOP');
      const frozen = [root, ...descendants(pid)];
      const guard = startThawGuard(
        frozen.map((each) => each.pid),
        longestMs,
      );
      for (const each of frozen) send(each, 'SIGSTOP');
      const thaw = () => {
        if (!thaws.delete(thaw)) return;
        for (const each of frozen.toReversed()) send(each, 'SIGCONT');
        guard.dismiss();
      };
      thaws.add(thaw);
      return { pid, thaw };
    },
    thawAll: () => {
      for (const thaw of thaws) thaw();
    },
    unready: () => unready(components()),
  };
}

function unready(components: readonly ComponentStatus[]): string | null {
  if (components.length === 0) return 'the supervisor of the stack is gone';
  const bad = components.filter(({ state }) => !goodStates.has(state));
  if (bad.length === 0) return null;
  return bad.map(({ name, state, reason }) => `${name} ${state} (${reason ?? 'no reason'})`).join();
}

function livePid({ process: known }: ComponentStatus): number | null {
  if (known === null) return null;
  const start = processStart(known.pid);
  // The supervisor puts the boot's id before the start, where the system counts from its boot.
  const same = start !== null && `/${known.startTime}`.endsWith(`/${start}`);
  return same ? known.pid : null;
}

function signalWithChildren(root: Known, signal: NodeJS.Signals): boolean {
  if (signal !== 'SIGKILL') return send(root, signal);
  if (!send(root, 'SIGSTOP')) return false;
  const children = descendants(root.pid);
  send(root, 'SIGKILL');
  for (const child of children) send(child, 'SIGKILL');
  return true;
}

function descendants(pid: number): readonly Known[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], {
    encoding: 'utf8',
    timeout: psDeadlineMs,
  })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (const parent of tree) {
    for (const [child, childsParent] of rows) {
      if (childsParent === parent && child !== undefined) tree.push(child);
    }
  }
  return tree.slice(1).map((child) => ({ pid: child, start: processStart(child) }));
}

/** False where the process has ended, whoever has its pid now. */
function send({ pid, start }: Known, signal: NodeJS.Signals): boolean {
  if (start === null || processStart(pid) !== start) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
