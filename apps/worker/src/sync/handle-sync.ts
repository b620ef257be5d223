/**
 * Brings one Deployment's state from the cluster into PostgreSQL. A message only says that there may
 * be news: the object is read here, and the row is written unless it is newer.
 */
import { isManaged, readOwnership } from '@windlass/deployment-spec';
import { type Deployment, deployments, findObject, type KubeClient } from '@windlass/kube';
import type { Verdict } from '@windlass/nats';
import type { DeploymentStore } from '@windlass/postgres';
import { Health } from '@windlass/rollout-health';
import type { Log } from '@windlass/telemetry';
import type { WorkerMeters } from '../meters.ts';
import { observe } from './observe.ts';
import { healthAlone, isYoung, type JudgedHealth, readHealth } from './read-health.ts';
import type { RecordedVersions } from './recorded-versions.ts';

export type SyncDeps = {
  readonly kube: KubeClient;
  readonly store: DeploymentStore;
  readonly log: Log;
  readonly meters: WorkerMeters;
  readonly signal: AbortSignal;
  /** What this process has recorded: shared by the syncs and the writes of revisions. */
  readonly recorded: RecordedVersions;
  readonly wakeActivity: (identifier: string) => void;
};

/**
 * A rollout that hasn't settled is read again: a pod's reason can change without the Deployment
 * changing. The delay grows with the message's deliveries; any event replaces the message.
 */
const unsettledRetryInitialMs = 2_000;
const unsettledRetryMaxMs = 60_000;
/** After some hours only events and comparisons look again: what is stuck for so long stays so. */
const unsettledDeliveriesMax = 200;

export async function handleSync(
  deps: SyncDeps,
  wake: { readonly namespace: string; readonly name: string; readonly resourceVersion: string },
  deliveries: number,
): Promise<Verdict> {
  const { namespace, name, resourceVersion } = wake;
  // The event of our own write, mostly. Later deliveries look again for the pods' sake.
  const isKnown =
    deliveries === 1 &&
    resourceVersion !== '' &&
    deps.recorded.covers(namespace, name, resourceVersion);
  if (isKnown) return { kind: 'ack' };
  const object = await find(deps, namespace, name);
  if (object === null || !isManaged(object.metadata)) {
    await syncAbsent(deps, namespace, name);
    return { kind: 'ack' };
  }
  const judged =
    deliveries === 1 && isYoung(object, Date.now())
      ? healthAlone(object)
      : await readHealth(deps.kube, object, deps.signal);
  await recordJudged(deps, object, judged);
  await reopenWhenOlder(deps, object);
  return judged.mayChange && !isSettled(judged) ? unsettled(deliveries) : { kind: 'ack' };
}

/** Writes the row of an object that was just written, as it came back: its pods are not news yet. */
export async function recordWritten(deps: SyncDeps, object: Deployment): Promise<void> {
  try {
    await recordJudged(deps, object, healthAlone(object));
  } catch (error) {
    deps.log.warn('written_object_not_recorded', { identifier: object.metadata.name, error });
  }
}

/** Reads and writes the row of an object that is there. */
export async function syncPresent(deps: SyncDeps, object: Deployment): Promise<void> {
  await recordJudged(deps, object, await readHealth(deps.kube, object, deps.signal));
  await reopenWhenOlder(deps, object);
}

async function recordJudged(
  deps: SyncDeps,
  object: Deployment,
  { health, podsVersion }: JudgedHealth,
): Promise<void> {
  const observed = observe(object, health, podsVersion);
  if (await deps.store.recordObserved(observed)) deps.wakeActivity(observed.identifier);
  deps.recorded.note(observed.namespace, observed.identifier, observed.resourceVersion);
}

/** An absence is ordered against readings by the resource version of a list that doesn't hold it. */
async function syncAbsent(deps: SyncDeps, namespace: string, name: string): Promise<void> {
  const list = await deps.kube.list(deployments, {
    namespace,
    fieldSelector: `metadata.name=${name}`,
    signal: deps.signal,
  });
  const appeared = list.items[0];
  if (appeared !== undefined && isManaged(appeared.metadata)) {
    await syncPresent(deps, appeared);
    return;
  }
  const changed = await deps.store.recordAbsent(namespace, name, list.resourceVersion);
  if (changed) deps.wakeActivity(name);
}

/**
 * A late write of a paused worker, or a restored backup: the newest intent runs again. The object was
 * read before PostgreSQL was asked, so a newer revision may have been applied and ended in between:
 * only a reading made after the answer counts.
 */
async function reopenWhenOlder(deps: SyncDeps, object: Deployment): Promise<void> {
  const { namespace = '', name: identifier = '' } = object.metadata;
  const { revision } = readOwnership(object.metadata);
  const ended = await deps.store.newerEndedRevision(namespace, identifier, revision);
  if (ended === null) return;
  const again = await find(deps, namespace, identifier);
  if (again === null || !isManaged(again.metadata)) return;
  if (again.metadata.deletionTimestamp !== undefined) return;
  const shown = readOwnership(again.metadata).revision;
  if (shown >= ended || !(await deps.store.reopenRevision(identifier, ended, shown))) return;
  deps.meters.reopened.inc();
  deps.log.warn('older_revision_in_cluster', { identifier, revision: shown, newest: ended });
}

function isSettled({ health }: JudgedHealth): boolean {
  return health.health === Health.Healthy || health.health === Health.Suspended;
}

function unsettled(deliveries: number): Verdict {
  if (deliveries >= unsettledDeliveriesMax) return { kind: 'ack' };
  const delayMs = Math.min(
    unsettledRetryMaxMs,
    unsettledRetryInitialMs * 2 ** Math.min(deliveries - 1, 10),
  );
  return { kind: 'retry', delayMs, reason: 'rollout not settled' };
}

function find(deps: SyncDeps, namespace: string, name: string): Promise<Deployment | null> {
  return findObject(deps.kube, deployments, { namespace, name, signal: deps.signal });
}
