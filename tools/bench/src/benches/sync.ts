/**
 * Cluster to database: from a change of a Deployment's status in the cluster to its row, against
 * the watch event itself, which is the soonest that anybody outside the API server can know.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectKube, deployments, listAndWatch } from '@windlass/kube';
import { createLog, createMetrics } from '@windlass/telemetry';
import { eventually } from '@windlass/testkit';
import { Pool } from 'pg';
import { createCall } from '../parts/create-call.ts';
import { httpLoad } from '../parts/http-load.ts';
import { percentile } from '../parts/percentile.ts';
import { startPlatform } from '../parts/platform.ts';
import { printResult, printTable } from '../parts/report.ts';

const deploymentsCount = 50;
const changes = 500;
const pauseMs = 20;
const deadlineMs = 60_000;

type Seen = { readonly watchMs: number; rowMs: number | null };

export async function benchSync(): Promise<void> {
  const platform = await startPlatform();
  const database = new Pool({ connectionString: platform.databaseUrl, max: 2 });
  const stop = new AbortController();
  const log = createLog({ app: 'bench', level: 'warn', format: 'text' });
  const kube = await connectKube({
    kubeconfigPath: platform.kubeconfigPath,
    context: null,
    log,
    metrics: createMetrics('bench'),
  });
  try {
    await platform.without(['kwok', 'kube-scheduler', 'kube-controller-manager']);
    const api = await platform.startApp('api', { RATE_LIMIT_MAX: '0' });
    await platform.startApp('worker');
    await platform.startApp('watcher');
    await httpLoad(api.url, deploymentsCount, 8, (index) => createCall(`sync-${index}`));
    await eventually(async () => (await rowCount(database)) === deploymentsCount, { deadlineMs });

    const sent = new Map<string, number>();
    const seen = new Map<string, Seen>();
    const watch = listAndWatch({
      client: kube,
      resource: deployments,
      namespace: 'default',
      labelSelector: 'app.kubernetes.io/managed-by=windlass',
      signal: stop.signal,
      onEvent: ({ name, resourceVersion }) => {
        seen.set(`${name}@${resourceVersion}`, { watchMs: performance.now(), rowMs: null });
      },
    });
    await watch.synced;
    const polling = pollRows(database, seen, stop.signal);
    for (let index = 0; index < changes; index += 1) {
      const name = `sync-${index % deploymentsCount}`;
      const beganMs = performance.now();
      const changed = await kube.jsonPatch(
        deployments,
        { namespace: 'default', name },
        [{ op: 'add', path: '/metadata/labels/bench', value: `change-${index}` }],
        { fieldManager: 'bench' },
      );
      sent.set(`${name}@${changed.metadata.resourceVersion}`, beganMs);
      await sleep(pauseMs);
    }
    await eventually(() => [...sent.keys()].every((key) => seen.get(key)?.rowMs !== null), {
      deadlineMs,
    });
    stop.abort();
    await Promise.all([polling, watch.stopped]);
    const rows = [...sent.keys()].map((key) => seen.get(key)?.rowMs ?? 0);
    const sides = [...sent].map(([key, beganMs]) => ({
      watchMs: (seen.get(key)?.watchMs ?? Number.NaN) - beganMs,
      rowMs: (seen.get(key)?.rowMs ?? Number.NaN) - beganMs,
    }));
    if (rows.length !== changes) throw new Error(`${rows.length} changes were seen`);
    const ours = sides.map(({ rowMs }) => rowMs);
    const peer = sides.map(({ watchMs }) => watchMs);
    printTable(`${changes} changes, from the patch being sent (milliseconds)`, [
      { what: 'watch event', p50: percentile(peer, 0.5), p99: percentile(peer, 0.99) },
      { what: 'row written', p50: percentile(ours, 0.5), p99: percentile(ours, 0.99) },
    ]);
    printResult({
      name: 'sync.p99-ms',
      ours: percentile(ours, 0.99),
      peer: percentile(peer, 0.99),
    });
  } finally {
    stop.abort();
    kube.close();
    await database.end();
    await platform.stop();
  }
}

/** Notes when a row shows a version that was seen, or a newer one of the same Deployment. */
async function pollRows(
  database: Pool,
  seen: Map<string, Seen>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await database.query<{ identifier: string; resource_version: string }>(
      'SELECT identifier, resource_version::text FROM deployments',
    );
    const nowMs = performance.now();
    for (const row of rows) {
      for (const [key, entry] of seen) {
        if (entry.rowMs !== null) continue;
        const [name = '', version = ''] = key.split('@');
        if (name === row.identifier && BigInt(version) <= BigInt(row.resource_version)) {
          entry.rowMs = nowMs;
        }
      }
    }
    await sleep(2);
  }
}

async function rowCount(database: Pool): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM deployments',
  );
  return rows[0]?.count ?? 0;
}
