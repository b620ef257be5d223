/** A component that is a process of the supervisor's own: an app, or the migrations. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { endProcess } from '../processes/end.ts';
import { identify } from '../processes/identity.ts';
import { describeExit, type Exit, type Instance } from '../supervisor/component.ts';

export type SpawnOptions = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Its output is appended here: by descriptor, so that it doesn't depend on the supervisor. */
  readonly logFile: string;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  readonly graceMs: number;
};

/** Starts the program. Rejects where it can't be executed at all. */
export async function spawnInstance(options: SpawnOptions): Promise<Instance> {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C in a terminal is not for it.
      detached: true,
    });
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve({ clean: code === 0, reason: describeExit(code, signal) }),
      );
    });
    await once(child, 'spawn');
    // Null where it has ended already.
    const identity = identify(child.pid ?? 0);
    return {
      process: identity,
      exited,
      stop: async () => {
        if (identity !== null) await endProcess(identity, { graceMs: options.graceMs });
        await exited;
      },
    };
  } finally {
    closeSync(log);
  }
}
