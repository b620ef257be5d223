/** Runs one command to its end, with a deadline; its whole group ends with it. */
import { type ChildProcess, spawn } from 'node:child_process';

export type CommandOptions = {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
  /** How long the output of what a command left behind is waited for. */
  readonly lateOutputMs?: number;
  /** Both output streams, as they come. */
  readonly onOutput: (text: string) => void;
};

export type CommandResult = {
  /** Null where a signal ended it or it could not be started. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
};

/** Between the request to end and the end by force. */
const terminationGraceMs = 10_000;

/** Time for what a command left behind to write its last lines. */
const lateOutputMsDefault = 5_000;

const running = new Set<ChildProcess>();

export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what the command starts ends with it.
    detached: true,
  });
  running.add(child);
  child.stdout.setEncoding('utf8').on('data', options.onOutput);
  child.stderr.setEncoding('utf8').on('data', options.onOutput);
  let timedOut = false;
  let kill: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => {
    timedOut = true;
    signalGroup(child, 'SIGTERM');
    kill = setTimeout(() => signalGroup(child, 'SIGKILL'), terminationGraceMs);
  }, options.deadlineMs);
  try {
    const exitCode = await ended(child, options);
    return { exitCode, timedOut };
  } finally {
    clearTimeout(deadline);
    clearTimeout(kill);
    running.delete(child);
  }
}

/** Passes an end of this process on to what it runs. */
export function endRunningCommands(signal: NodeJS.Signals): void {
  for (const child of running) signalGroup(child, signal);
}

function ended(
  child: ChildProcess,
  { onOutput, lateOutputMs = lateOutputMsDefault }: CommandOptions,
): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      onOutput(`${error.message}\n`);
      resolve(null);
    });
    let giveUp: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      giveUp = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, lateOutputMs);
    });
    child.once('close', (exitCode) => {
      clearTimeout(giveUp);
      resolve(exitCode);
    });
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group has ended already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
