/**
 * What is running, as a file: the supervisor writes it at each change, every command reads it.
 * It outlives the supervisor, so that what a crash left behind can be found and ended, and the
 * next start gets the same ports.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Connections } from '../components/environment.ts';
import { isIdentity, type ProcessIdentity } from '../processes/identity.ts';
import { errorCode } from '../system-errors.ts';
import type { StackPlan } from './plan.ts';

export const ComponentState = {
  /** For another component to be ready. */
  Waiting: 'waiting',
  Starting: 'starting',
  /** Ready: its last probe passed. */
  Running: 'running',
  /** Was ready; its last probe didn't pass. */
  Unready: 'unready',
  /** Ended by itself; starts again after a pause. */
  BackingOff: 'backing-off',
  /** Ran once and has done its work. */
  Done: 'done',
  /** The user runs this app in a terminal. */
  Foreground: 'foreground',
  /** Not asked for. */
  Off: 'off',
  Stopping: 'stopping',
  Stopped: 'stopped',
  /** The user's own is used instead. */
  External: 'external',
} as const;
export type ComponentState = (typeof ComponentState)[keyof typeof ComponentState];

export type ComponentStatus = {
  readonly name: string;
  readonly state: ComponentState;
  readonly process: ProcessIdentity | null;
  readonly port: number | null;
  /** Wall clock, milliseconds since 1970, of the present process's start; null without one. */
  readonly startedAtMs: number | null;
  /** From its start to its first passing probe; null until then. */
  readonly tookMs: number | null;
  /** Starts after the first one, over the life of the supervisor. */
  readonly restarts: number;
  /** Failed starts in a row: it never became ready in them. */
  readonly startFailures: number;
  /** Why it last ended, isn't ready or waits; null where there is nothing to say. */
  readonly reason: string | null;
  readonly logFile: string;
};

export type StackState = {
  readonly version: typeof stateVersion;
  readonly supervisor: ProcessIdentity;
  readonly startedAtMs: number;
  readonly plan: StackPlan;
  readonly connections: Connections;
  readonly components: readonly ComponentStatus[];
};

/** Rises with every change of the format: a file of another version is not understood. */
export const stateVersion = 2;

/** The state, or null where the stack was never started. Throws on a file of another version. */
export function readState(path: string): StackState | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const state = parseState(text);
  if (state !== null) return state;
  throw new Error(`${path} is not a state file of this version; \`make restart\` makes one`);
}

/** The state, or null where there is none of this version: for what only makes use of it. */
export function readKnownState(path: string): StackState | null {
  return existsSync(path) ? parseState(readFileSync(path, 'utf8')) : null;
}

/** The state in the text; null where it's none of this version. */
export function parseState(text: string): StackState | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return isStackState(value) ? value : null;
}

/** The version vouches for the rest: nobody but the supervisor writes the file, and whole. */
function isStackState(value: unknown): value is StackState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === stateVersion &&
    'supervisor' in value &&
    isIdentity(value.supervisor) &&
    'components' in value &&
    Array.isArray(value.components)
  );
}

/** Replaces the file in one step: a reader sees the old or the new state, never half of one. */
export function writeState(path: string, state: StackState): void {
  const next = `${path}.next`;
  writeFileSync(next, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}
