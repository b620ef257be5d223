/**
 * From POST to SUCCESS: our whole path against a bare loop of server-side applies on the same API
 * server. Three figures: a burst (accepting and applying at once), a backlog (applying what was
 * accepted before), and the latency of one request on an idle system.
 *
 * The controllers are stopped: what they would do with the objects is the same for both sides, and
 * they would do it on the same two cores.
 */
import { toDeployment } from '@windlass/deployment-spec';
import { eventually } from '@windlass/testkit';
import { Pool } from 'pg';
import { runBareApply } from '../parts/bare-apply.ts';
import { createCall } from '../parts/create-call.ts';
import { httpLoad } from '../parts/http-load.ts';
import { buildPeer } from '../parts/peers.ts';
import { percentile } from '../parts/percentile.ts';
import { type Platform, startPlatform } from '../parts/platform.ts';
import { printResult, printTable } from '../parts/report.ts';
import { unlimited } from '../parts/unlimited.ts';
import { untilSucceeded } from '../parts/until-succeeded.ts';

const burstCount = 5_000;
const applyInFlight = 16;
const postInFlight = 64;
const latencySamples = 100;

export async function benchDeployments(): Promise<void> {
  const program = await buildPeer('bareapply');
  const platform = await startPlatform();
  const database = new Pool({ connectionString: platform.databaseUrl, max: 1 });
  try {
    await platform.without(['kwok', 'kube-scheduler', 'kube-controller-manager']);
    const api = await platform.startApp('api', unlimited);
    await platform.startApp('watcher');
    const worker = await platform.startApp('worker');
    const bare = () => bareRate(program, platform);

    await bare();
    const idle = await idleLatency(api.url, database);
    const before = await bare();
    const burst = await drain(api.url, database, 'burst', async () => undefined);
    const between = await bare();
    await worker.stop();
    const backlog = await drain(api.url, database, 'backlog', async () => {
      await platform.startApp('worker');
    });
    const after = await bare();

    printTable('Deployments applied per second (16 applies in flight)', [
      { what: 'bare loop before', perSecond: before.rate, p50Ms: before.p50Ms },
      { what: `burst of ${burstCount}, POST to SUCCESS`, perSecond: burst, p50Ms: '' },
      { what: 'bare loop between', perSecond: between.rate, p50Ms: between.p50Ms },
      { what: `backlog of ${burstCount}`, perSecond: backlog, p50Ms: '' },
      { what: 'bare loop after', perSecond: after.rate, p50Ms: after.p50Ms },
    ]);
    printTable('One request on an idle system, POST sent to SUCCESS recorded', [
      { what: 'p50 ms', ours: idle.p50Ms, applyAloneMs: idle.aloneMs },
    ]);
    const idlePeer = { name: 'deployments.idle-ms', ours: idle.p50Ms, peer: idle.aloneMs };
    printResult(idlePeer);
    printResult({
      name: 'deployments.backlog',
      ours: backlog,
      peer: (between.rate + after.rate) / 2,
    });
    printResult({ name: 'deployments.burst', ours: burst, peer: (before.rate + between.rate) / 2 });
  } finally {
    await database.end();
    await platform.stop();
  }

  async function idleLatency(url: string, pool: Pool) {
    const totals: number[] = [];
    for (let index = 0; index < latencySamples; index += 1) {
      const name = `idle-${index}`;
      await httpLoad(url, 1, 1, () => createCall(name));
      totals.push(await eventually(() => acceptedToEndedMs(pool, name)));
    }
    const alone = await runBareApply(program, {
      kubeconfigPath: platform.kubeconfigPath,
      prefix: 'alone',
      count: latencySamples,
      inFlight: 1,
      manifest: bareManifest,
    });
    return { p50Ms: percentile(totals, 0.5), aloneMs: alone.p50Ms };
  }
}

/** The same object as ours, but for the labels: with those our worker would look after it. */
const bareManifest = JSON.stringify(
  toDeployment(
    { image: 'nginx:1.27', replicas: 1 },
    {
      identifier: 'NAME',
      namespace: 'default',
      userId: 'bench',
      userLabel: 'bench',
      requestId: '1',
      revision: 1,
    },
  ),
).replaceAll('"app.kubernetes.io/managed-by":"windlass"', '"app.kubernetes.io/managed-by":"bare"');

let bareRuns = 0;

async function bareRate(program: string, platform: Platform) {
  bareRuns += 1;
  const count = 2_000;
  const outcome = await runBareApply(program, {
    kubeconfigPath: platform.kubeconfigPath,
    prefix: `bare-${bareRuns}`,
    count,
    inFlight: applyInFlight,
    manifest: bareManifest,
  });
  return { rate: count / outcome.seconds, p50Ms: outcome.p50Ms };
}

/** Both times are PostgreSQL's own, to the millisecond. */
async function acceptedToEndedMs(pool: Pool, identifier: string): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    `SELECT extract(epoch FROM ended_at - created_at)::float8 * 1000 AS ms
       FROM revisions WHERE identifier = $1 AND status = 'SUCCESS'`,
    [identifier],
  );
  if (rows[0] === undefined) throw new Error(`${identifier} has not ended`);
  return rows[0].ms;
}

/** Accepts a burst and waits for every SUCCESS. @returns deployments per second of the drain */
async function drain(
  url: string,
  database: Pool,
  prefix: string,
  afterAccepting: () => Promise<void>,
): Promise<number> {
  let startedMs = performance.now();
  const { statuses } = await httpLoad(url, burstCount, postInFlight, (index) =>
    createCall(`${prefix}-${index}`),
  );
  if (statuses['202'] !== burstCount) throw new Error(`answers: ${JSON.stringify(statuses)}`);
  if (prefix === 'backlog') startedMs = performance.now();
  await afterAccepting();
  await untilSucceeded(database, prefix, burstCount);
  return burstCount / ((performance.now() - startedMs) / 1_000);
}
