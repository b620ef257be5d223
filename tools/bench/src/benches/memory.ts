/**
 * Memory of the API and the worker over bursts of 5,000 creations, each from the first POST to the
 * last SUCCESS. The first burst warms a young heap; from the second on nothing may grow, though the
 * cluster and the database hold more with each.
 *
 * The heap is bounded as by a small container: on a large machine V8 leaves garbage in the old
 * generation until that has grown by gigabytes, and RSS would tell of its patience alone.
 */
import { Pool } from 'pg';
import { createCall } from '../parts/create-call.ts';
import { httpLoad } from '../parts/http-load.ts';
import { startPlatform } from '../parts/platform.ts';
import { printResult, printTable, type Row } from '../parts/report.ts';
import { type MemorySample, sampleMemory } from '../parts/resident-memory.ts';
import { unlimited } from '../parts/unlimited.ts';
import { untilSucceeded } from '../parts/until-succeeded.ts';

const burstCount = 5_000;
const postInFlight = 64;
const bursts = 4;
const boundedHeap = { NODE_OPTIONS: '--max-old-space-size=128' };

export async function benchMemory(): Promise<void> {
  const platform = await startPlatform();
  const database = new Pool({ connectionString: platform.databaseUrl, max: 1 });
  try {
    await platform.without(['kwok', 'kube-scheduler', 'kube-controller-manager']);
    const api = await platform.startApp('api', { ...unlimited, ...boundedHeap });
    await platform.startApp('watcher');
    const worker = await platform.startApp('worker', boundedHeap);
    const rounds: (readonly MemorySample[])[] = [];
    for (let round = 1; round <= bursts; round += 1) {
      const memory = sampleMemory({ api: api.pid, worker: worker.pid });
      const prefix = `memory-${round}`;
      const { statuses } = await httpLoad(api.url, burstCount, postInFlight, (index) =>
        createCall(`${prefix}-${index}`),
      );
      if (statuses['202'] !== burstCount) throw new Error(`answers: ${JSON.stringify(statuses)}`);
      await untilSucceeded(database, prefix, burstCount);
      rounds.push(await memory.stop());
    }
    printTable('Resident memory in MiB, each second', rounds.flatMap(secondRows));
    printTable(
      `Resident memory in MiB over a burst of ${burstCount} creations`,
      rounds.map(roundRow),
    );
    for (const app of ['api', 'worker'] as const) {
      const [second, last] = [rounds[1] ?? [], rounds.at(-1) ?? []];
      printResult({ name: `memory.${app}`, ours: highest(last, app), peer: highest(second, app) });
    }
  } finally {
    await database.end();
    await platform.stop();
  }
}

type App = 'api' | 'worker';

function secondRows(samples: readonly MemorySample[], index: number): Row[] {
  return samples.map(({ atMs, mebibytes }) => ({
    burst: index + 1,
    second: Math.round(atMs / 1_000),
    api: Math.round(mebibytes['api'] ?? 0),
    worker: Math.round(mebibytes['worker'] ?? 0),
  }));
}

function roundRow(samples: readonly MemorySample[], index: number): Row {
  const of = (app: App, at: number) => Math.round(samples.at(at)?.mebibytes[app] ?? 0);
  const columns = (app: App) => ({
    [`${app} before`]: of(app, 0),
    [`${app} highest`]: Math.round(highest(samples, app)),
    [`${app} after`]: of(app, -1),
  });
  return { burst: index + 1, ...columns('api'), ...columns('worker') };
}

function highest(samples: readonly MemorySample[], app: App): number {
  return Math.max(...samples.map(({ mebibytes }) => mebibytes[app] ?? 0));
}
