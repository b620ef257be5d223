/**
 * Pairs of lock and unlock per second, against etcd's own locks: three durable members and the
 * clients on this machine, one side at a time. A lock for each client shows throughput; one lock for
 * all shows how fast it goes from hand to hand.
 */
import { required } from '@windlass/base';
import { startEtcdLocks } from '../parts/etcd-locks.ts';
import type { LockFigures, LockLoad, LockSide } from '../parts/lock-side.ts';
import { printResult, printTable, type Row } from '../parts/report.ts';
import { startWindlassLocks } from '../parts/windlass-locks.ts';

const time = { warmUpMs: 2_000, durationMs: 8_000 };

const loads: readonly LockLoad[] = [
  { mode: 'own', clients: 1, connections: 1, ...time },
  { mode: 'own', clients: 16, connections: 16, ...time },
  { mode: 'own', clients: 64, connections: 64, ...time },
  { mode: 'own', clients: 256, connections: 256, ...time },
  { mode: 'own', clients: 64, connections: 8, ...time },
  { mode: 'own', clients: 256, connections: 8, ...time },
  { mode: 'shared', clients: 64, connections: 64, ...time },
];

/** What is worth comparing by unary calls: a client library in any language makes those. */
const unaryLoads = loads.filter(({ connections, mode }) => mode === 'own' && connections >= 16);

/** Starts each side anew and alone: what the one leaves in the page cache is no help to the other. */
export async function benchLocks(): Promise<void> {
  const peer = await measure(await startEtcdLocks(), loads);
  const ours = await measure(await startWindlassLocks('stream'), loads);
  const unary = await measure(await startWindlassLocks('unary'), unaryLoads);
  const rows = [...rowsOf('etcd', peer), ...rowsOf('streams', ours), ...rowsOf('unary', unary)];
  printTable('Locks: pairs of lock and unlock per second (handovers of one lock)', rows);
  printRatios('locks', ours, peer);
  printRatios('locks.unary', unary, peer);
}

type Measured = ReadonlyMap<LockLoad, LockFigures>;

function rowsOf(side: string, measured: Measured): readonly Row[] {
  return [...measured].map(([load, figures]) => rowOf(side, load, figures));
}

function printRatios(name: string, ours: Measured, peer: Measured): void {
  for (const [load, figures] of ours) {
    const { clients, connections, mode } = load;
    printResult({
      name: `${name}.${mode}-${clients}-on-${connections}`,
      ours: figures.pairsPerSecond,
      peer: required(peer.get(load), 'figures').pairsPerSecond,
    });
  }
}

async function measure(side: LockSide, which: readonly LockLoad[]): Promise<Measured> {
  const figures = new Map<LockLoad, LockFigures>();
  try {
    for (const load of which) figures.set(load, await side.run(load));
  } finally {
    await side.stop();
  }
  return figures;
}

function rowOf(side: string, load: LockLoad, figures: LockFigures): Row {
  return {
    side,
    locks: load.mode,
    clients: load.clients,
    connections: load.connections,
    perSecond: figures.pairsPerSecond,
    p50Us: figures.p50Us,
    p99Us: figures.p99Us,
    p999Us: figures.p999Us,
    syncsPerPair: figures.syncsPerPair,
    serversCpuUs: figures.serversCpuUsPerPair,
    clientCpuUs: figures.clientCpuUsPerPair,
  };
}
