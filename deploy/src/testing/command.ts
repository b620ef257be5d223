/** Runs one program to its end: helm, kubectl, npm. */
import { execFile } from 'node:child_process';

export type CommandOutcome = {
  /** Null where a signal, or the deadline, ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input. */
  readonly input?: string;
};

/** The slowest is a bundle on a busy machine. */
const deadlineMs = 60_000;
/** All objects of a chart, or the log of a failure. */
const outputBytesMax = 16 * 1024 * 1024;

/** Any exit code is an outcome. Rejects only where the program can't be started. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env, input }: CommandOptions = {},
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: deadlineMs, maxBuffer: outputBytesMax };
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code === 'string') reject(error);
      else resolve({ exitCode: child.exitCode, stdout, stderr });
    });
    child.stdin?.end(input ?? '');
  });
}

/** Its standard output. Rejects, with what it said, where it doesn't end with 0. */
export async function succeed(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, args, options);
  if (exitCode === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}\n${stderr}${stdout}`);
}
