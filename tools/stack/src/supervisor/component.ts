/** What the supervisor keeps running, without knowing what it is. */
import type { ProcessIdentity } from '../processes/identity.ts';

export type Instance = {
  /** Null where the component is no process of ours. */
  readonly process: ProcessIdentity | null;
  /** Settles with the reason when it has ended. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Asks it to end, kills it after its own deadline, settles when it's gone. */
  readonly stop: () => Promise<void>;
};

export type Exit = {
  /** True for exit code 0, which is success for a component that runs once. */
  readonly clean: boolean;
  /** Such as `exit code 1` or `killed by SIGKILL`. */
  readonly reason: string;
};

export type Component = {
  readonly name: string;
  /** Names of the components that must be ready before it starts, and that end after it. */
  readonly after: readonly string[];
  readonly port: number | null;
  readonly logFile: string;
  /** `once`: its clean end is what makes it ready. */
  readonly runs: 'always' | 'once';
  /** What is there already and only looked at: the user's own server. */
  readonly external: boolean;
  /**
   * Starts it. Rejects, with a message for the user, where it can't be started. When the signal
   * aborts it must settle soon, either way; what it started by then it ends or returns.
   */
  readonly launch: (signal: AbortSignal) => Promise<Instance>;
  /** Null when it's ready, else why it isn't. Bounded in time, never rejects. */
  readonly probe: (signal: AbortSignal) => Promise<string | null>;
  /** Longest time from its start to its first passing probe; then it's ended and started again. */
  readonly readyDeadlineMs: number;
};

export function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}
