/**
 * How long nobody gets a lock when the leader of three is killed, and when it is ended in order; and
 * that a leader which was paused says nothing afterwards that isn't so. No peer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLockClient } from '@windlass/lock-client';
import { type LockmgrCluster, startLockmgr, temporaryFolder } from '@windlass/testkit';
import { type GrantTimes, watchGrants } from '../parts/grant-times.ts';
import { askPausedLeader, type PausedAnswers } from '../parts/paused-leader.ts';
import { percentile } from '../parts/percentile.ts';
import { printResult, printTable } from '../parts/report.ts';

const roundsDefault = 50;

/** Restarted nodes have caught up, and elections have settled. */
const calmMs = 300;

/** @param argv `--rounds <n>`: of each kind; 50 by default */
export async function benchFailover(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: { rounds: { type: 'string' } } });
  const rounds = Number(values.rounds ?? roundsDefault);
  const folder = temporaryFolder();
  const cluster = await startLockmgr({ nodes: 3, dataDir: folder.path });
  const client = createLockClient({ addresses: cluster.addresses });
  const grants = watchGrants(client);
  try {
    const killed = await gaps(cluster, grants, rounds, 'kill');
    const ended = await gaps(cluster, grants, rounds, 'stop');
    const paused: PausedAnswers[] = [];
    for (let round = 0; round < rounds; round += 1) {
      paused.push(await askPausedLeader(cluster, `paused-${round}`));
      await sleep(calmMs);
    }
    const sum = (name: 'believable' | 'refused' | 'stale') =>
      paused.reduce((total, answers) => total + answers[name], 0);
    printTable('Failover: ms without a grant', [
      rowOf('leader killed (SIGKILL)', killed),
      rowOf('leader ended (SIGTERM)', ended),
    ]);
    printTable('Answers of a leader that was paused, after it was overtaken', [
      { rounds, right: sum('believable'), refused: sum('refused'), stale: sum('stale') },
    ]);
    for (const [name, values] of [
      ['killed', killed],
      ['ended', ended],
    ] as const) {
      printResult({ name: `failover.${name}.p50Ms`, ours: percentile(values, 0.5), peer: null });
      printResult({ name: `failover.${name}.p99Ms`, ours: percentile(values, 0.99), peer: null });
      printResult({ name: `failover.${name}.maxMs`, ours: Math.max(...values), peer: null });
    }
    printResult({ name: 'failover.paused.stale', ours: sum('stale'), peer: null });
  } finally {
    await grants.stop();
    await client.close();
    await cluster.stop();
    folder.remove();
  }
}

async function gaps(
  cluster: LockmgrCluster,
  grants: GrantTimes,
  rounds: number,
  how: 'kill' | 'stop',
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const leader = await cluster.leader();
    grants.begin();
    await leader[how]();
    await grants.next();
    found.push(grants.longestGapMs());
    await leader.start();
    await sleep(calmMs);
  }
  return found;
}

function rowOf(what: string, values: readonly number[]) {
  return {
    what,
    rounds: values.length,
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    max: Math.max(...values),
  };
}
