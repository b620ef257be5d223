/**
 * The watcher: list-and-watch of the Deployments that carry our label, and a message for each name
 * that changed. It keeps no state and writes no row, so any number of watchers is harmless: the
 * stream de-duplicates what two of them say. Read next: announcer.ts.
 */
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { newUuid, systemRandom } from '@windlass/base';
import { labelNames, managerName } from '@windlass/deployment-spec';
import { deployments, type KubeClient, listAndWatch, type ObjectChange } from '@windlass/kube';
import { type Health, pause, type Scope, superviseLoop } from '@windlass/lifecycle';
import { type Bus, encodeMessage, type Publication, publish, subjects } from '@windlass/nats';
import { DeploymentWakeSchema, RelistWakeSchema } from '@windlass/proto/deployment/v1';
import type { Log, Metrics } from '@windlass/telemetry';
import { type Change, createAnnouncer } from './announcer.ts';
import type { WatcherSettings } from './config.ts';

export type WatcherDeps = {
  readonly settings: Pick<
    WatcherSettings,
    'natsSubjectPrefix' | 'watchNamespace' | 'relistMs' | 'coalesceMs'
  >;
  readonly bus: Bus;
  readonly kube: KubeClient;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly scope: Scope;
};

/** Names that Windlass gives are RFC 1123 labels; an object with another one isn't ours. */
const ourNames = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The worker records what it wrote within milliseconds; a second is what a change may take. */
const leadMs = 40;

/** Messages on their way to NATS at once: it acknowledges thousands a second. */
const inFlightMax = 64;

/** While NATS is away; names wait meanwhile, one entry per Deployment. */
const publishBackoff = { initialMs: 100, maxMs: 5_000 };

/** Names that still wait at the shutdown are found by the next watcher's first list. */
const drainDeadlineMs = 3_000;

/** Without an event, bookmark or list for this long the watcher isn't ready: see the runbook. */
const silentMsMax = 60_000;

export function startWatcher(deps: WatcherDeps): void {
  const { settings, kube, log, scope } = deps;
  const announcer = createAnnouncer({
    publish: (change) => publishWake(deps, change),
    leadMs,
    coalesceMs: settings.coalesceMs,
    inFlightMax,
    backoff: publishBackoff,
    random: systemRandom,
    onFailure: (change, failures, error) => {
      if (failures === 1) log.warn('wake_not_published', { name: change.name, error });
    },
  });
  scope.onStop('announcer', () => announcer.stop(drainDeadlineMs));
  deps.metrics.gauge(
    'watcher_waiting',
    'Deployments whose change is not published yet.',
    [],
    (gauge) => gauge.set(announcer.waiting()),
  );
  const published = deps.metrics.counter('watcher_changes_total', 'Changes seen.', ['type']);
  const watch = listAndWatch({
    client: kube,
    resource: deployments,
    namespace: settings.watchNamespace,
    labelSelector: `${labelNames.managedBy}=${managerName}`,
    relistMs: settings.relistMs,
    signal: scope.signal,
    onEvent: (change: ObjectChange) => {
      published.inc({ type: change.type });
      if (!ourNames.test(change.name)) return;
      announcer.announce({ ...change, seenAtMs: Date.now() });
    },
  });
  scope.onStop('list-and-watch', () => watch.stopped);
  watch.stopped.catch(scope.fail);
  deps.health.readiness('kubernetes-watch', () => {
    if (!watch.isSynced()) throw new Error('the first list is not complete');
    const silentMs = watch.signalAgeMs();
    if (silentMs > silentMsMax) throw new Error(`nothing heard for ${Math.round(silentMs)} ms`);
  });
  const relists = superviseLoop(
    'relist announcements',
    async (signal) => {
      await watch.synced;
      while (!signal.aborted) {
        await publishRelist(deps);
        await pause(settings.relistMs, signal);
      }
    },
    { signal: scope.signal, log, backoff: publishBackoff },
  );
  scope.onStop('relist announcements', () => relists);
}

async function publishWake({ bus, settings }: WatcherDeps, change: Change): Promise<void> {
  const { namespace, name, resourceVersion, seenAtMs } = change;
  await publishOrThrow(bus, {
    subject: subjects.sync(settings.natsSubjectPrefix, namespace, name),
    // What several watchers say of one version is one message.
    id: `${namespace}/${name}@${resourceVersion}`,
    ...encodeMessage(DeploymentWakeSchema, {
      namespace,
      name,
      seenAt: timestampFromMs(seenAtMs),
      resourceVersion,
    }),
  });
}

/** Asks a worker to compare what is recorded with the cluster: for deletions that nobody saw. */
async function publishRelist({ bus, settings }: WatcherDeps): Promise<void> {
  await publishOrThrow(bus, {
    subject: subjects.relist(settings.natsSubjectPrefix),
    id: newUuid(),
    ...encodeMessage(RelistWakeSchema, { listedAt: timestampFromMs(Date.now()) }),
  });
}

async function publishOrThrow(bus: Bus, publication: Publication): Promise<void> {
  const published = await publish(bus, publication);
  if (!published.ok) throw new Error(published.error.reason, { cause: published.error.cause });
}
