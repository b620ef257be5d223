/**
 * Lines to standard output, in batches, without ever keeping the process from ending: a reader
 * that has gone costs its lines, one that is slow costs a bounded wait.
 */
import { writeSync } from 'node:fs';

export type LineOutput = {
  /** @param line with its line feed */
  readonly write: (line: string) => void;
  /** Writes what is collected before it returns. Never throws. */
  readonly flush: () => void;
};

/** Writes some of the bytes and says how many; throws as `fs.writeSync` does. */
export type WriteBytes = (bytes: Uint8Array) => number;

export type LineOutputOptions = {
  /** Lines are collected up to this size: a system call per line costs too much. 0: no batches. */
  readonly batchBytes: number;
  /** A line waits no longer than this for others. */
  readonly batchMs: number;
  /** A full pipe is waited for so long, once; until it takes bytes again, lines are dropped. */
  readonly fullWaitMs: number;
};

/** How long to sleep before a full pipe is tried again. */
const retryMs = 2;

const standardOutputFd = 1;

/**
 * Collects lines and writes them in order, whole or not at all.
 *
 * @param writeBytes standard output by default
 */
export function createLineOutput(
  options: LineOutputOptions,
  writeBytes: WriteBytes = (bytes) => writeSync(standardOutputFd, bytes),
): LineOutput {
  let collected = '';
  /** End of a line whose beginning is written already. Invariant: ends with a line feed, or empty. */
  let begun: Uint8Array = new Uint8Array();
  let timer: NodeJS.Timeout | null = null;
  let isFull = false;

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const bytes = Buffer.concat([begun, Buffer.from(collected)]);
    collected = '';
    const outcome = writeAll(bytes, writeBytes, isFull ? 0 : options.fullWaitMs);
    isFull = outcome.isFull;
    if (outcome.written > 0) begun = restOfLine(bytes, outcome.written);
  };
  return {
    flush,
    write: (line) => {
      collected += line;
      if (collected.length >= options.batchBytes) flush();
      else timer ??= setTimeout(flush, options.batchMs).unref();
    },
  };
}

function writeAll(
  bytes: Uint8Array,
  writeBytes: WriteBytes,
  fullWaitMs: number,
): { readonly written: number; readonly isFull: boolean } {
  let written = 0;
  let waitedMs = 0;
  while (written < bytes.length) {
    try {
      written += writeBytes(bytes.subarray(written));
    } catch (error) {
      // Anything but a full pipe is a reader that has gone: there is nowhere left to say so.
      if (!isFullPipe(error)) return { written: bytes.length, isFull: false };
      if (waitedMs >= fullWaitMs) return { written, isFull: true };
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      waitedMs += retryMs;
    }
  }
  return { written, isFull: false };
}

/** What has still to be written so that the last written line becomes whole. */
function restOfLine(bytes: Uint8Array, written: number): Uint8Array {
  const isWhole = bytes[written - 1] === lineFeed;
  return isWhole ? new Uint8Array() : bytes.slice(written, bytes.indexOf(lineFeed, written) + 1);
}

const lineFeed = 0x0a;

function isFullPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
