/** etcd's side of `locks`: three members, and its own locks taken by the Go program etcdlock. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startEtcdCluster } from './etcd-cluster.ts';
import type { LockFigures, LockLoad, LockSide } from './lock-side.ts';
import { buildPeer } from './peers.ts';

/** What a run may take beyond its time: sessions to open, and one lock to give up. */
const runGraceMs = 120_000;

type Latencies = { readonly p50Us: number; readonly p99Us: number; readonly p999Us: number };

type Printed = {
  readonly pairsPerSecond: number;
  readonly pairsTotal: number;
  readonly cpuSeconds: number;
  readonly pair: Latencies;
  readonly handover: Latencies | null;
};

export async function startEtcdLocks(): Promise<LockSide> {
  const program = await buildPeer('etcdlock');
  const cluster = await startEtcdCluster();
  let runs = 0;
  const run = async (load: LockLoad): Promise<LockFigures> => {
    runs += 1;
    const [syncs, cpu] = [await cluster.syncs(), cluster.cpuSeconds()];
    const args = [
      `-endpoints=${cluster.endpoints.join(',')}`,
      `-mode=${load.mode}`,
      `-clients=${load.clients}`,
      `-connections=${load.connections}`,
      `-warm-up=${load.warmUpMs}ms`,
      `-duration=${load.durationMs}ms`,
      `-prefix=run-${runs}`,
    ];
    const timeout = load.warmUpMs + load.durationMs + runGraceMs;
    const { stdout } = await promisify(execFile)(program, args, { timeout });
    const printed = JSON.parse(stdout) as Printed;
    const perPair = (amount: number) => amount / Math.max(1, printed.pairsTotal);
    const latencies = printed.handover ?? printed.pair;
    return {
      ...latencies,
      pairsPerSecond: printed.pairsPerSecond,
      syncsPerPair: perPair((await cluster.syncs()) - syncs),
      serversCpuUsPerPair: perPair((cluster.cpuSeconds() - cpu) * 1e6),
      clientCpuUsPerPair: perPair(printed.cpuSeconds * 1e6),
    };
  };
  return { name: 'etcd', run, stop: cluster.stop };
}
