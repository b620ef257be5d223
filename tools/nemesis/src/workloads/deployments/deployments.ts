/**
 * The deployments workload: users at work, wakes delivered twice, an eye on the cluster, and the
 * checks of the invariants of the deployment manager. Read next: traffic.ts, check-requests.ts,
 * check-cluster.ts.
 */
import type { Random } from '@windlass/base';
import type { KubeClient } from '@windlass/kube';
import type { Bus } from '@windlass/nats';
import type { SummaryRow, Workload } from '../workload.ts';
import { createApi } from './api.ts';
import { checkCluster } from './check-cluster.ts';
import { checkRequests, revisionsByStatus } from './check-requests.ts';
import { createDuplicateWakes } from './duplicate-wakes.ts';
import { createLedger } from './ledger.ts';
import { raceFault } from './race.ts';
import { watchRevisions } from './revision-watch.ts';
import { queryOnce, type Snapshot, type SnapshotSource, takeSnapshot } from './snapshot.ts';
import { createTraffic } from './traffic.ts';

export type DeploymentsOptions = {
  readonly apiUrl: string;
  readonly databaseUrl: string;
  readonly kube: KubeClient;
  readonly bus: Bus;
  readonly natsPrefix: string;
  /** Tells this run's deployments from those of others: letters, digits and hyphens. */
  readonly runId: string;
  readonly ratePerSecond: number;
  /** No server is away for longer at a stretch, but for its start. */
  readonly outageMsMax: number;
  readonly random: Random;
};

const usersCount = 4;
/** 40 deployments at once: enough side by side, and many changes on each. */
const slotsPerUser = 10;
/** A duplicate wake waits for the end of any outage, and for the server's start: it hurts most then. */
const wakeMarginMs = 30_000;
/** After everything is healed, an API that answers at all has answered each call by then. */
const answersDeadlineMs = 60_000;

export function createDeploymentsWorkload(options: DeploymentsOptions): Workload {
  const { runId, kube, databaseUrl, random } = options;
  const prefix = `nemesis-${runId}-`;
  const users = Array.from({ length: usersCount }, (_unused, user) => `${prefix}user-${user}`);
  const api = createApi(options.apiUrl);
  const ledger = createLedger();
  const wakes = createDuplicateWakes(
    options.bus,
    options.natsPrefix,
    options.outageMsMax + wakeMarginMs,
    random.child('wakes'),
  );
  const shared = { api, ledger, runId, users, onPromised: wakes.add };
  const traffic = createTraffic({
    ...shared,
    slotsPerUser,
    ratePerSecond: options.ratePerSecond,
    random: random.child('traffic'),
  });
  const watch = watchRevisions(kube, prefix, (incident) => ledger.incidents.push(incident));
  const source: SnapshotSource = { databaseUrl, kube, api, users, prefix };
  let last: Snapshot | null = null;

  return {
    name: 'deployments',
    faults: [raceFault({ ...shared, addSlot: (slot) => traffic.slots.push(slot) })],
    start: () => {
      traffic.start();
      return Promise.resolve();
    },
    stir: traffic.stir,
    stop: async () => {
      await traffic.stop(answersDeadlineMs);
      await wakes.stop();
    },
    progress: () => progress(databaseUrl, prefix, ledger.promised.length),
    check: async () => {
      last = await takeSnapshot(source);
      return [...checkRequests(ledger, last, watch.setBack), ...checkCluster(last)];
    },
    summary: () => {
      const counts = wakes.counts();
      const refusals = [...ledger.refused].map(([code, count]) => `${count} ${code}`).join(', ');
      return Promise.resolve([
        ...(last === null ? [] : outcomes(last, ledger.promised)),
        { name: 'calls repeated until answered', value: String(ledger.repeatedCalls) },
        { name: 'refused, as they may be', value: refusals === '' ? '0' : refusals },
        { name: 'slowest answer', value: seconds(ledger.slowestAnswerMs) },
        {
          name: 'wakes published twice',
          value: `${counts.published} (${counts.notPublished} not)`,
        },
        { name: 'races of 50 clients', value: String(ledger.racesRun) },
      ]);
    },
    clear: async () => {
      const there = traffic.slots.filter(({ intent }) => intent !== null);
      const wish = { operation: 'DELETE', body: null, after: null } as const;
      for (const slot of there) await traffic.send(slot, wish);
    },
    close: () => watch.stop(),
  };
}

function outcomes(
  snapshot: Snapshot,
  promised: Parameters<typeof revisionsByStatus>[0],
): readonly SummaryRow[] {
  const counts = revisionsByStatus(promised, snapshot);
  const ended = snapshot.revisions.flatMap((row) => {
    return row.endedAtMs === null ? [] : [{ row, tookMs: row.endedAtMs - row.createdAtMs }];
  });
  const slowest = ended.toSorted((left, right) => right.tookMs - left.tookMs)[0];
  return [
    { name: 'accepted', value: String(counts.accepted) },
    { name: 'succeeded', value: String(counts.succeeded) },
    { name: 'failed', value: `${counts.failed} (${counts.deadLettered} dead-lettered)` },
    { name: 'still open', value: String(counts.open) },
    {
      name: 'repeated by the platform',
      value: String(snapshot.audit.filter(({ action }) => action === 'request.reopen').length),
    },
    {
      name: 'slowest from accepted to ended',
      value:
        slowest === undefined
          ? 'none'
          : `${seconds(slowest.tookMs)}, ${slowest.row.identifier} revision ${slowest.row.revision}`,
    },
  ];
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}

/** A line every 10 s shall come also while PostgreSQL stands still. */
const progressDeadlineMs = 2_000;

type CountRow = { readonly status: string; readonly count: number };

async function progress(databaseUrl: string, prefix: string, accepted: number): Promise<string> {
  const text = `
SELECT status, count(*)::int AS count FROM revisions WHERE identifier LIKE $1 GROUP BY status`;
  try {
    const [rows = []] = await queryOnce<CountRow>(
      databaseUrl,
      [[text, [`${prefix}%`]]],
      progressDeadlineMs,
    );
    const count = (status: string) => rows.find((row) => row.status === status)?.count ?? 0;
    return `accepted ${accepted}, succeeded ${count('SUCCESS')}, failed ${count('FAILURE')}, pending ${count('OPEN')}`;
  } catch {
    return `accepted ${accepted}, the rest isn't known: PostgreSQL is away`;
  }
}
