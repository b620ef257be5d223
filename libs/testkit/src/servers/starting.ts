/** Waiting for a server to be of use, and saying why it isn't. */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './types.ts';

/** Short against a start, and long enough that asking costs nothing. */
const pollMs = 25;

/** A server that fails says why in its last lines. */
const tailBytes = 4_000;

/** A port that was free a moment ago may be taken; three times in a row it's something else. */
const startsMax = 3;

export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
  readonly portTaken: boolean;

  constructor(message: string, logText: string) {
    super(`${message}\n${logText}`.trimEnd());
    this.portTaken = /address already in use/i.test(logText);
  }
}

export type Readiness = {
  readonly process: ServerProcess;
  /** Where the log file ended before the start; see logSize. */
  readonly logOffset: number;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** True once the server is of use. It throws only where more waiting can't help. */
  readonly check: () => Promise<boolean>;
};

/**
 * Waits until the server is of use.
 *
 * @throws ServerStartError with the end of its log when it ended or wasn't ready in time; the
 *   signal's reason when aborted. The process has ended then.
 */
export async function whenReady(readiness: Readiness): Promise<void> {
  const { process: server, signal } = readiness;
  const failure = (message: string) => startError(server, readiness.logOffset, message);
  let ended = false;
  const watchExit = async () => {
    await server.exited;
    ended = true;
  };
  void watchExit();
  try {
    const deadline = performance.now() + readiness.deadlineMs;
    while (!(await readiness.check())) {
      signal?.throwIfAborted();
      if (ended) throw failure('ended while it started');
      if (performance.now() > deadline) {
        throw failure(`wasn't ready within ${readiness.deadlineMs} ms`);
      }
      await sleep(pollMs);
    }
    signal?.throwIfAborted();
  } catch (error) {
    await server.kill();
    throw error;
  }
}

/** Says what happened to a server, with the end of what it has logged since the offset. */
export function startError(
  server: ServerProcess,
  logOffset: number,
  message: string,
): ServerStartError {
  return new ServerStartError(`${server.name} ${message}`, logTail(server.logFile, logOffset));
}

/** Starts again, on other ports, when a free port was taken by someone else meanwhile. */
export async function retryTakenPort<Server>(
  port: number,
  start: () => Promise<Server>,
): Promise<Server> {
  for (let starts = 1; ; starts += 1) {
    try {
      return await start();
    } catch (error) {
      const mayRetry = port === 0 && error instanceof ServerStartError && error.portTaken;
      if (!mayRetry || starts === startsMax) throw error;
    }
  }
}

/** Bytes of a log file so far: what is written later belongs to the next start. */
export function logSize(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function logTail(file: string, fromOffset: number): string {
  if (!existsSync(file)) return '';
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const start = Math.max(fromOffset, size - tailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(handle, buffer, 0, buffer.length, start);
    return buffer.toString('utf8');
  } finally {
    closeSync(handle);
  }
}
