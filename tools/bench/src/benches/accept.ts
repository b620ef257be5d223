/** Accepting requests: POST on our API against a bare Fastify route that inserts one row. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually, freePorts } from '@windlass/testkit';
import { Pool } from 'pg';
import { createCall } from '../parts/create-call.ts';
import { httpLoad, type LoadOutcome } from '../parts/http-load.ts';
import { percentile } from '../parts/percentile.ts';
import { startPlatform } from '../parts/platform.ts';
import { printResult, printTable } from '../parts/report.ts';

const count = 10_000;
const inFlight = 64;
const rounds = 3;
const poolMax = 10;
const bareRouteFile = fileURLToPath(new URL('../parts/bare-route.ts', import.meta.url));

export async function benchAccept(): Promise<void> {
  const platform = await startPlatform();
  const [port = 0] = await freePorts(1);
  const bare = spawn(
    process.execPath,
    [bareRouteFile, platform.databaseUrl, String(port), String(poolMax)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const database = new Pool({ connectionString: platform.databaseUrl, max: 1 });
  try {
    // Neither cluster nor stream has to do with accepting; both sides have the machine.
    await platform.without(['kwok', 'kube-scheduler', 'kube-controller-manager']);
    const api = await platform.startApp('api', {
      DATABASE_POOL_MAX: String(poolMax),
      QUOTA_DEPLOYMENTS_MAX: '0',
      QUOTA_REPLICAS_MAX: '0',
      RATE_LIMIT_MAX: '0',
    });
    const bareUrl = `http://127.0.0.1:${port}`;
    await eventually(async () => (await fetch(`${bareUrl}/`)).status === 404);
    const outcomes: { ours: LoadOutcome; peer: LoadOutcome }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const peer = await httpLoad(bareUrl, count, inFlight, (index) => ({
        ...createCall(`bare-${round}-${index}`),
        path: '/create',
      }));
      const ours = await httpLoad(api.url, count, inFlight, (index) =>
        createCall(`accept-${round}-${index}`),
      );
      // The first round warms both up.
      if (round > 0) outcomes.push({ ours, peer });
    }
    await checkRows(database, (rounds + 1) * count);
    const rate = (side: 'ours' | 'peer') =>
      percentile(
        outcomes.map((outcome) => count / outcome[side].seconds),
        0.5,
      );
    const rows = (['ours', 'peer'] as const).map((side) => {
      const latencies = outcomes.flatMap((outcome) => outcome[side].latenciesMs);
      return {
        side,
        perSecond: rate(side),
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
      };
    });
    printTable(`POSTs with ${inFlight} in flight, median of ${rounds} rounds of ${count}`, rows);
    printResult({ name: 'accept', ours: rate('ours'), peer: rate('peer') });
  } finally {
    bare.kill('SIGKILL');
    await database.end();
    await platform.stop();
  }
}

/** Both did the work: every answer was a row. */
async function checkRows(database: Pool, expected: number): Promise<void> {
  for (const table of ['bench_bare', 'deployment_requests']) {
    const { rows } = await database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${table}`,
    );
    if (rows[0]?.count !== expected) {
      throw new Error(`${table} has ${rows[0]?.count} rows and not ${expected}`);
    }
  }
}
