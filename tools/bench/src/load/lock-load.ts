/**
 * Our side's program of `locks`, as etcdlock is etcd's: takes and releases locks as fast as they
 * go, and prints one line of JSON. Run as a process of its own, so that its CPU time is the
 * clients'.
 *
 * Arguments: addresses (by commas), calls (stream or unary), mode (own or shared), clients,
 * connections, warm-up and duration in milliseconds, prefix of the keys.
 */
import { percentile } from '../parts/percentile.ts';
import { openStreamClients } from './stream-clients.ts';
import type { LoadSettings, PairOfCalls } from './types.ts';
import { openUnaryClients } from './unary-clients.ts';

const [addresses = '', calls, mode, clients, connections, warmUp, duration, prefix = ''] =
  process.argv.slice(2);
const settings: LoadSettings = {
  addresses: addresses.split(','),
  shared: mode === 'shared',
  clients: Number(clients),
  connections: Number(connections),
  prefix,
};
const opened = await (calls === 'unary' ? openUnaryClients : openStreamClients)(settings);

/** A lock as its users see it: how many believe to hold it, and when it was last given up. */
const locks = opened.pairs.map(() => ({ holders: 0, releasedMs: 0 }));
const startedMs = performance.now();
const fromMs = startedMs + Number(warmUp);
const toMs = fromMs + Number(duration);
const pairsUs: number[] = [];
const handoversUs: number[] = [];
let pairsTotal = 0;
let violations = 0;

await Promise.all(opened.pairs.map((pair, at) => loop(pair, settings.shared ? 0 : at)));
const usage = process.cpuUsage();
await opened.close();
const measured = settings.shared ? handoversUs : pairsUs;
console.log(
  JSON.stringify({
    pairsPerSecond: pairsUs.length / (Number(duration) / 1_000),
    pairsTotal,
    cpuSeconds: (usage.user + usage.system) / 1e6,
    p50Us: percentile(measured, 0.5),
    p99Us: percentile(measured, 0.99),
    p999Us: percentile(measured, 0.999),
    violations,
  }),
);
process.exit(violations === 0 ? 0 : 1);

async function loop(pair: PairOfCalls, at: number): Promise<void> {
  const lock = locks[at] ?? { holders: 0, releasedMs: 0 };
  for (;;) {
    const beganMs = performance.now();
    if (beganMs > toMs) return;
    await pair.lock();
    const lockedMs = performance.now();
    const { releasedMs } = lock;
    lock.holders += 1;
    if (lock.holders !== 1) violations += 1;
    // Gives a second holder, if there is one, the chance to be seen.
    await Promise.resolve();
    lock.holders -= 1;
    lock.releasedMs = performance.now();
    await pair.unlock();
    const endedMs = performance.now();
    pairsTotal += 1;
    if (endedMs < fromMs || endedMs > toMs) continue;
    pairsUs.push((endedMs - beganMs) * 1_000);
    if (releasedMs > 0) handoversUs.push((lockedMs - releasedMs) * 1_000);
  }
}
