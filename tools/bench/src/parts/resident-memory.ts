/** What processes hold in memory (RSS), once a second. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** `atMs` since the start of the sampling, then MiB by the process's name. */
export type MemorySample = {
  readonly atMs: number;
  readonly mebibytes: Readonly<Record<string, number>>;
};

const intervalMs = 1_000;
const run = promisify(execFile);

/** Samples until `stop`, which gives what was seen. */
export function sampleMemory(pids: Readonly<Record<string, number>>) {
  const samples: MemorySample[] = [];
  const startedMs = performance.now();
  const take = async () => {
    const atMs = performance.now() - startedMs;
    samples.push({ atMs, mebibytes: await residentMebibytes(pids) });
  };
  let underWay = take();
  const timer = setInterval(() => {
    underWay = take();
  }, intervalMs);
  return {
    stop: async (): Promise<readonly MemorySample[]> => {
      clearInterval(timer);
      await underWay;
      return samples;
    },
  };
}

async function residentMebibytes(pids: Readonly<Record<string, number>>) {
  const list = Object.values(pids).join(',');
  const { stdout } = await run('ps', ['-o', 'pid=,rss=', '-p', list]);
  const kibibytes = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, rss = 0]) => [pid, rss]),
  );
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, (kibibytes.get(pid) ?? 0) / 1_024]),
  );
}
