/**
 * Apps that ended by a bug: an exception that nobody expected. Whatever of their servers goes away, they
 * may only rest, or end in order and say why. Read from their logs, as is how often a worker woke so
 * late that another had its claim.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from './workloads/workload.ts';

export type CrashWatch = {
  /** What has crashed since the watch began. */
  readonly check: () => readonly Violation[];
  /** How often a worker found another at its revision when it came to end it or to give it back. */
  readonly claimsLost: () => number;
};

/** The supervisor cuts a log at 32 MiB. */
const readBytesMax = 32 * 1_024 * 1_024;

/** @param apps the components of the stack that are apps, copies included */
export function watchCrashes(logFolder: string, apps: readonly string[]): CrashWatch {
  const files = apps.map((app) => ({ app, path: join(logFolder, `${app}.log`) }));
  const starts = new Map(files.map(({ path }) => [path, readFrom(path, null).end]));
  const added = (path: string) => readFrom(path, starts.get(path) ?? 0).text;
  return {
    check: () => files.flatMap(({ app, path }) => crashesIn(app, added(path))),
    claimsLost: () =>
      files.reduce((sum, { path }) => sum + added(path).split('"msg":"claim_lost"').length - 1, 0),
  };
}

export function crashesIn(app: string, log: string): readonly Violation[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"msg":"app_crashed"'))
    .map((line) => ({
      rule: 'crashed',
      subject: app,
      detail: `${app} ended by an exception that nobody expected`,
      fields: { line },
    }));
}

/** What was added since the offset; from null on nothing, only where it ends now. */
function readFrom(path: string, offset: number | null): { text: string; end: number } {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    // Cut meanwhile: what is left is new.
    const start = offset === null ? size : size < offset ? 0 : offset;
    const bytes = Buffer.alloc(Math.min(size - start, readBytesMax));
    const count = readSync(file, bytes, 0, bytes.length, start);
    return { text: bytes.toString('utf8', 0, count), end: size };
  } finally {
    closeSync(file);
  }
}
