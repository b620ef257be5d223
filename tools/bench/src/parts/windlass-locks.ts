/** Our side of `locks`: three nodes as processes, and the load program on the library or on calls. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { startLockmgr, temporaryFolder } from '@windlass/testkit';
import type { LockFigures, LockLoad, LockSide } from './lock-side.ts';
import { cpuSeconds } from './process-cost.ts';

const program = resolve(import.meta.dirname, '../load/lock-load.ts');

/** What a run may take beyond its time. */
const runGraceMs = 120_000;

const syncMetric = 'windlass_lockmgr_log_syncs';

type Printed = Pick<LockFigures, 'pairsPerSecond' | 'p50Us' | 'p99Us' | 'p999Us'> & {
  readonly pairsTotal: number;
  readonly cpuSeconds: number;
};

export async function startWindlassLocks(calls: 'stream' | 'unary'): Promise<LockSide> {
  const folder = temporaryFolder();
  const cluster = await startLockmgr({ nodes: 3, dataDir: folder.path });
  const pids = () => cluster.nodes.map((node) => node.process().pid);
  const syncs = async () => {
    const counts = await Promise.all(cluster.nodes.map((node) => syncsOf(node.httpUrl())));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  let runs = 0;
  const run = async (load: LockLoad): Promise<LockFigures> => {
    runs += 1;
    const [syncsBefore, cpuBefore] = [await syncs(), cpuSeconds(pids())];
    const args = [
      program,
      cluster.addresses.join(','),
      calls,
      load.mode,
      load.clients,
      load.connections,
      load.warmUpMs,
      load.durationMs,
      `run-${runs}`,
    ].map(String);
    const timeout = load.warmUpMs + load.durationMs + runGraceMs;
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout });
    const printed = JSON.parse(stdout) as Printed;
    const perPair = (amount: number) => amount / Math.max(1, printed.pairsTotal);
    return {
      pairsPerSecond: printed.pairsPerSecond,
      p50Us: printed.p50Us,
      p99Us: printed.p99Us,
      p999Us: printed.p999Us,
      syncsPerPair: perPair((await syncs()) - syncsBefore),
      serversCpuUsPerPair: perPair((cpuSeconds(pids()) - cpuBefore) * 1e6),
      clientCpuUsPerPair: perPair(printed.cpuSeconds * 1e6),
    };
  };
  const stop = async () => {
    await cluster.stop();
    folder.remove();
  };
  return { name: calls === 'stream' ? 'windlass' : 'windlass, unary', run, stop };
}

async function syncsOf(httpUrl: string): Promise<number> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(syncMetric));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}
