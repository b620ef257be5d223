/**
 * The worker: two consumers and a sweeper over one store and one cluster.
 *
 *     revisions stream → handleWake → Kubernetes, PostgreSQL
 *     sync stream      → handleSync, compareWithCluster → PostgreSQL
 *     sweeper          → revisions stream
 *
 * Any number of workers may run; PostgreSQL's claims keep them apart. Read next:
 * revisions/handle-wake.ts, revisions/try-revision.ts, sync/handle-sync.ts.
 */
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { newUuid } from '@windlass/base';
import { classifyKubeError, type KubeClient, KubeError } from '@windlass/kube';
import { pause, type Scope, superviseLoop } from '@windlass/lifecycle';
import {
  type Bus,
  type Consumption,
  consume,
  createActivityPublisher,
  decodeMessage,
  encodeMessage,
  publish,
  type ReceivedMessage,
  StreamKind,
  streamName,
  subjects,
  typedHandler,
  type Verdict,
  watchMaxDeliveries,
} from '@windlass/nats';
import type { DeploymentStore } from '@windlass/postgres';
import {
  DeploymentWakeSchema,
  RelistWakeSchema,
  RevisionWakeSchema,
} from '@windlass/proto/deployment/v1';
import type { Log, Metrics } from '@windlass/telemetry';
import type { WorkerSettings } from './config.ts';
import { createDeadLetterOffice, type DeadLetterOffice } from './dead-letters.ts';
import { createWorkerMeters } from './meters.ts';
import { handleWake } from './revisions/handle-wake.ts';
import { sweep } from './revisions/sweep.ts';
import { tryRevision } from './revisions/try-revision.ts';
import { compareWithCluster } from './sync/compare.ts';
import { handleSync, recordWritten, type SyncDeps } from './sync/handle-sync.ts';
import { createRecordedVersions } from './sync/recorded-versions.ts';

export type WorkerDeps = {
  readonly settings: Pick<
    WorkerSettings,
    | 'natsSubjectPrefix'
    | 'revisionConcurrency'
    | 'syncConcurrency'
    | 'attemptsMax'
    | 'retryInitialMs'
    | 'retryMaxMs'
    | 'claimLeaseMs'
    | 'sweepIntervalMs'
    | 'standingStillMs'
    | 'shutdownGraceMs'
  >;
  readonly store: DeploymentStore;
  readonly bus: Bus;
  readonly kube: KubeClient;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly scope: Scope;
};

/** Durable names: all workers of a stack share them. */
const revisionConsumer = 'worker-revisions';
const syncConsumer = 'worker-sync';

/** How late the death of a worker is noticed. */
const ackWaitMs = 15_000;

/**
 * Deliveries of a wake. Tries are counted in PostgreSQL; this bounds messages that come to nothing
 * each time, such as while PostgreSQL is away: about eight hours at the longest delay.
 */
const deliveriesMax = 500;

const redeliveryBackoff = { initialMs: 200, maxMs: 60_000 };

/** Of the grace period, for handlers to finish; what is cut off is delivered again elsewhere. */
const stopShare = 0.5;

export function startWorker(deps: WorkerDeps): void {
  const { settings, bus, store, kube, log, scope } = deps;
  const prefix = settings.natsSubjectPrefix;
  const meters = createWorkerMeters(deps.metrics);
  const activity = createActivityPublisher(bus, prefix);
  scope.onStop('activity publisher', activity.stop);
  const letters = createDeadLetterOffice(bus, prefix, store);
  const stopping = scope.signal;

  const recorded = createRecordedVersions();
  const wakeActivity = activity.wake;
  const sync: Omit<SyncDeps, 'signal'> = { kube, store, log, meters, recorded, wakeActivity };
  const consumptions = [
    consumeRevisions(deps, { letters, meters, wakeActivity, sync }),
    consumeSyncs(deps, letters, sync),
    watchMaxDeliveries(bus, { prefix, onDeadLetter: letters.message }),
  ];
  scope.onStop('consumers', async () => {
    const stopDeadlineMs = settings.shutdownGraceMs * stopShare;
    await Promise.all(consumptions.map((consumption) => consumption.stop(stopDeadlineMs)));
  });

  const sweeper = superviseLoop(
    'sweeper',
    async (signal) => {
      while (!signal.aborted) {
        await sweep({
          store,
          log,
          standingStillMs: settings.standingStillMs,
          wakeRevision: (identifier) => wakeRevision(bus, prefix, identifier),
        });
        await pause(settings.sweepIntervalMs, signal);
      }
    },
    { signal: stopping, log, backoff: { initialMs: 500, maxMs: 30_000 } },
  );
  scope.onStop('sweeper', () => sweeper);
}

function consumeRevisions(
  { settings, bus, store, kube, log }: WorkerDeps,
  parts: {
    readonly letters: DeadLetterOffice;
    readonly meters: ReturnType<typeof createWorkerMeters>;
    readonly wakeActivity: (identifier: string) => void;
    readonly sync: Omit<SyncDeps, 'signal'>;
  },
): Consumption {
  const { letters, meters, wakeActivity } = parts;
  const workerId = newUuid();
  return consume(bus, {
    stream: streamName(settings.natsSubjectPrefix, StreamKind.Revisions),
    consumer: revisionConsumer,
    concurrency: settings.revisionConcurrency,
    ackWaitMs,
    deliveriesMax,
    backoff: redeliveryBackoff,
    handle: typedHandler(RevisionWakeSchema, ({ identifier }, _message, { signal }) =>
      handleWake(
        {
          store,
          log,
          meters,
          workerId,
          claimLeaseMs: settings.claimLeaseMs,
          attemptsMax: settings.attemptsMax,
          backoff: { initialMs: settings.retryInitialMs, maxMs: settings.retryMaxMs },
          wakeActivity,
          publishDeadLetter: letters.revision,
          tryRevision: (claim) => tryRevision({ kube, signal }, claim),
          recordWritten: (object) => recordWritten({ ...parts.sync, signal }, object),
        },
        identifier,
      ),
    ),
    onDeadLetter: (message, reason) => letters.message(message, reason, message.deliveries),
  });
}

function consumeSyncs(
  { settings, bus }: WorkerDeps,
  letters: DeadLetterOffice,
  deps: Omit<SyncDeps, 'signal'>,
): Consumption {
  const handle = async (message: ReceivedMessage, signal: AbortSignal): Promise<Verdict> => {
    const syncDeps = { ...deps, signal };
    if (message.type === RelistWakeSchema.typeName) {
      await compareWithCluster(syncDeps);
      return { kind: 'ack' };
    }
    const wake = decodeMessage(DeploymentWakeSchema, message);
    if (!wake.ok) return { kind: 'dead', reason: wake.error };
    const verdict = await handleSync(syncDeps, wake.value, message.deliveries);
    if (message.deliveries === 1) {
      const seenAtMs = wake.value.seenAt ? timestampMs(wake.value.seenAt) : message.storedAtMs;
      deps.meters.syncSeconds.observe({}, (Date.now() - seenAtMs) / 1_000);
    }
    return verdict;
  };
  return consume(bus, {
    stream: streamName(settings.natsSubjectPrefix, StreamKind.Sync),
    consumer: syncConsumer,
    concurrency: settings.syncConcurrency,
    ackWaitMs,
    deliveriesMax,
    backoff: redeliveryBackoff,
    handle: (message, { signal }) => orPostpone(deps.log, () => handle(message, signal)),
    onDeadLetter: (message, reason) => letters.message(message, reason, message.deliveries),
  });
}

/** While Kubernetes is away a reading comes again later: that is no failure of the worker's. */
async function orPostpone(log: Log, read: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof KubeError) || classifyKubeError(error) !== 'passing') throw error;
    log.warn('sync_postponed', { reason: error.message });
    return { kind: 'retry', reason: error.message };
  }
}

async function wakeRevision(bus: Bus, prefix: string, identifier: string): Promise<void> {
  const published = await publish(bus, {
    subject: subjects.revision(prefix, identifier),
    id: `sweep:${newUuid()}`,
    ...encodeMessage(RevisionWakeSchema, { identifier }),
  });
  if (!published.ok) throw new Error(published.error.reason, { cause: published.error.cause });
}
