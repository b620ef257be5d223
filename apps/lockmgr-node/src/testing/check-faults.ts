/**
 * By hand, for as many seeds as wanted:
 * `node apps/lockmgr-node/src/testing/check-faults.ts <processes|network> <seconds> <seed>...`
 */
import { startLockmgr, temporaryFolder } from '@windlass/testkit';
import { runUnderFaults } from './fault-run.ts';
import { networkFaults } from './network-faults.ts';
import { openNetwork } from './one-way-network.ts';
import { processFaults } from './process-faults.ts';

const [kind = 'processes', seconds = '20', ...seeds] = process.argv.slice(2);
for (const seed of seeds.map(Number)) {
  const folder = temporaryFolder();
  const network = await openNetwork();
  const cluster = await startLockmgr({
    nodes: 3,
    dataDir: folder.path,
    ...(kind === 'network' ? { nodeEnv: network.envOf } : {}),
  });
  const faults = kind === 'network' ? networkFaults(cluster, network) : processFaults(cluster);
  const durationMs = Number(seconds) * 1_000;
  const run = await runUnderFaults({ addresses: cluster.addresses, faults, seed, durationMs });
  process.stdout.write(`${JSON.stringify({ kind, seed, ...run })}\n`);
  if (run.problem !== null) process.exitCode = 1;
  await cluster.stop();
  await network.close();
  folder.remove();
}
