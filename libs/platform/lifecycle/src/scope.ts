/** What an app registers while it starts, and the orderly way back. */
import type { Log } from '@windlass/telemetry';

export type StopHook = () => void | Promise<void>;

/** The life of one process, as its parts see it. */
export type Scope = {
  /** Aborts when the shutdown begins, before the first stop hook runs. */
  readonly signal: AbortSignal;
  /**
   * Runs at the shutdown, after the hooks that were registered later: register a thing's end right
   * after its start. A hook that fails is logged and doesn't keep the others from running.
   */
  readonly onStop: (name: string, hook: StopHook) => void;
  /** A part that the process can't do without has died: stop in order, then exit 1. */
  readonly fail: (error: unknown) => void;
};

type NamedHook = { readonly name: string; readonly hook: StopHook };

/** The stop hooks of a scope. One writer: the app's run. */
export type StopHooks = {
  readonly add: (name: string, hook: StopHook) => void;
  /** Runs all of them, last one first, one after the other. Resolves when none is left. */
  readonly run: (log: Log) => Promise<void>;
  /** The hook that runs now, or null: what a missed grace period is blamed on. */
  readonly running: () => string | null;
};

export function createStopHooks(): StopHooks {
  const hooks: NamedHook[] = [];
  let running: string | null = null;
  return {
    add: (name, hook) => hooks.push({ name, hook }),
    running: () => running,
    run: async (log) => {
      for (let next = hooks.pop(); next !== undefined; next = hooks.pop()) {
        running = next.name;
        try {
          await next.hook();
        } catch (error) {
          log.warn('stop_hook_failed', { hook: next.name, error });
        }
      }
      running = null;
    },
  };
}
