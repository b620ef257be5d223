/**
 * List and watch: calls back for every change of the objects behind a selector, and goes on doing so
 * whatever the network and the API server do: resets, refusals, 410 Gone, minutes without a server,
 * connections that die without a word.
 *
 * Two loops share what is known (known-objects.ts). One watches, resuming after each end where the
 * last one stopped. The other lists everything now and then, which finds whatever a watch could
 * have missed. A list is also the way out when a watch can't resume. Only metadata is asked for:
 * an event wakes its reader, which then looks at the object itself.
 */
import { backoffDelayMs, systemRandom } from '@windlass/base';
import { type ListSelection, watchRequest } from './calls.ts';
import {
  createKnownObjects,
  type KnownObjects,
  type ListPass,
  type ObjectChange,
} from './known-objects.ts';
import type { KubeClient } from './kube-client.ts';
import { errorWithoutAnswer, KubeError, NoAnswer } from './kube-error.ts';
import {
  answerBytesMax,
  listDeadlineMs,
  pageLimit,
  pagesMax,
  relistDefaultMs,
  retryAfterMaxMs,
  retryInitialMs,
  retryMaxMs,
  staleListsMax,
  watchFailuresMax,
  watchHealthyMs,
  watchSecondsMax,
  watchSecondsMin,
} from './limits.ts';
import { readPages } from './list-pages.ts';
import { pause } from './pause.ts';
import { compareResourceVersions } from './resource-version.ts';
import type { Resource } from './resources.ts';
import { type WatchEvent, watchedObject } from './watch-lines.ts';
import { runWatch, type WatchEnd } from './watch-stream.ts';

export type ListAndWatchOptions = ListSelection & {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** Between lists that check the watch; 5 minutes by default, jittered by 10 %. */
  readonly relistMs?: number;
  /**
   * Gets each change once, those of one key with rising resource versions (after a restored backup
   * of etcd they may fall once). Several changes of an object may come as one. It must return at once:
   * meanwhile nothing is read. Where it throws, the change comes again after the next list.
   */
  readonly onEvent: (change: ObjectChange) => void;
  /** Ends it: no event comes after, and no socket and no timer is left once `stopped` settles. */
  readonly signal: AbortSignal;
};

export type ListAndWatch = {
  /** True once everything has been listed for the first time; false when stopped before. */
  readonly synced: Promise<boolean>;
  readonly isSynced: () => boolean;
  /** Since the last event, bookmark, or complete list. In good order never above about 15 s. */
  readonly signalAgeMs: () => number;
  readonly objectCount: () => number;
  /** Settles when all has ended after the signal. Rejects only for a bug. */
  readonly stopped: Promise<void>;
};

/** Why everything is listed. */
type ListReason = 'initial' | 'gone' | 'failing' | 'periodic';

type Run = {
  readonly options: ListAndWatchOptions;
  readonly known: KnownObjects;
  readonly synced: () => void;
  readonly signalled: () => void;
  /** The list under way, for both loops; null where there is none. */
  listing: Promise<void> | null;
  staleLists: number;
};

export function listAndWatch(options: ListAndWatchOptions): ListAndWatch {
  const { clock, metrics } = options.client.internals;
  const known = createKnownObjects();
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<boolean>();
  let isSynced = false;
  let signalledAtMs = clock.monotonicMs();
  const signalAgeMs = () => clock.monotonicMs() - signalledAtMs;
  const unobserve = metrics.observeWatch({
    resource: options.resource.plural,
    signalAgeMs,
    objectCount: known.count,
  });
  const run: Run = {
    options,
    known,
    synced: () => {
      isSynced = true;
      resolveSynced(true);
    },
    signalled: () => {
      signalledAtMs = clock.monotonicMs();
    },
    listing: null,
    staleLists: 0,
  };
  const stopped = runLoops(run).finally(() => {
    unobserve();
    resolveSynced(false);
  });
  return { synced, isSynced: () => isSynced, signalAgeMs, objectCount: known.count, stopped };
}

async function runLoops(run: Run): Promise<void> {
  await listed(run, 'initial');
  await Promise.all([watchLoop(run), relistLoop(run)]);
}

async function relistLoop(run: Run): Promise<void> {
  const { signal, relistMs = relistDefaultMs } = run.options;
  while (!signal.aborted) {
    await pause(relistMs * (0.9 + 0.2 * systemRandom.next()), signal);
    if (!signal.aborted) await listed(run, 'periodic');
  }
}

async function watchLoop(run: Run): Promise<void> {
  const { signal, client, resource } = run.options;
  const { metrics, log } = client.internals;
  let failures = 0;
  while (!signal.aborted) {
    const { end, healthy } = await watchOnce(run);
    if (end.reason === 'stopped') return;
    metrics.watchRestart(resource.plural, end.reason);
    failures = healthy ? 0 : failures + 1;
    const error = 'error' in end ? end.error : null;
    // The first of a series only: a server that is away for minutes would fill the log.
    const event = { resource: resource.plural, reason: end.reason, failures, error };
    if (error !== null && failures <= 1) log.warn('kube_watch_interrupted', event);
    else log.debug('kube_watch_ended', event);
    if (end.reason === 'gone') await listed(run, 'gone');
    else if (failures > 0 && failures % watchFailuresMax === 0) await listed(run, 'failing');
    if (end.reason !== 'expired' || !healthy) {
      await pause(retryDelayMs(failures, error), signal);
    }
  }
}

async function watchOnce(run: Run): Promise<{ readonly end: WatchEnd; readonly healthy: boolean }> {
  const { signal, client, resource } = run.options;
  const { transport, clock } = client.internals;
  const resumeVersion = run.known.resumeVersion();
  // A rewind under way has forgotten it; its list brings the next one.
  if (resumeVersion === null) return { end: { reason: 'gone', opened: false }, healthy: true };
  const timeoutSeconds = Math.round(
    watchSecondsMin + (watchSecondsMax - watchSecondsMin) * systemRandom.next(),
  );
  const request = watchRequest(resource, run.options, resumeVersion, timeoutSeconds);
  const startMs = clock.monotonicMs();
  let events = 0;
  const end = await runWatch(transport, request, { timeoutSeconds, signal }, (event) => {
    events += 1;
    take(run, event);
  });
  const lastedMs = clock.monotonicMs() - startMs;
  // To have lasted to its end proves the connection as well as a bookmark does.
  if (end.reason === 'expired' && lastedMs >= (timeoutSeconds - 1) * 1_000) run.signalled();
  return { end, healthy: end.opened && (events > 0 || lastedMs >= watchHealthyMs) };
}

function take(run: Run, event: WatchEvent): void {
  run.signalled();
  switch (event.type) {
    case 'bookmark':
      run.known.advance(event.resourceVersion);
      return;
    case 'changed':
    case 'deleted': {
      const change = run.known.event(event.type, event.watched);
      if (change !== null) handOver(run, change);
      run.known.advance(event.watched.resourceVersion);
      return;
    }
    case 'error':
      // The stream turns it into its end.
      return;
    default:
      event satisfies never;
  }
}

/** Hands a change to the handler; where that throws, the next list finds the change again. */
function handOver(run: Run, change: ObjectChange): void {
  const { client, resource, onEvent, signal } = run.options;
  if (signal.aborted) return;
  try {
    onEvent(change);
  } catch (error) {
    const { log, metrics } = client.internals;
    metrics.handlerFailure(resource.plural);
    const { namespace, name } = change;
    log.error('kube_watch_handler_failed', { resource: resource.plural, namespace, name, error });
    return;
  }
  run.known.commit(change);
}

/** Settles when everything has been listed by one list that began no earlier than the last one ended. */
function listed(run: Run, reason: ListReason): Promise<void> {
  run.listing ??= listUntilDone(run, reason).finally(() => {
    run.listing = null;
  });
  return run.listing;
}

async function listUntilDone(run: Run, reason: ListReason): Promise<void> {
  const { signal, client, resource } = run.options;
  const { log, metrics } = client.internals;
  metrics.list(resource.plural, reason);
  for (let failures = 0; !signal.aborted; ) {
    try {
      await listOnce(run);
      run.synced();
      run.signalled();
      if (failures > 0) {
        log.info('kube_list_recovered', { resource: resource.plural, reason, failures });
      }
      return;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (signal.aborted) return;
      failures += 1;
      const event = { resource: resource.plural, reason, failures, error };
      if (failures === 1) log.warn('kube_list_failed', event);
      else log.debug('kube_list_failed_again', event);
      await pause(retryDelayMs(failures, error), signal);
    }
  }
}

async function listOnce(run: Run): Promise<void> {
  const { options, known } = run;
  const { client, resource, signal } = options;
  const { transport } = client.internals;
  const seenBefore = known.resumeVersion();
  const current: { pass: ListPass | null } = { pass: null };
  await readPages(
    transport,
    resource,
    { ...options, metadataOnly: true, itemsMax: pageLimit * pagesMax },
    { deadlineMs: listDeadlineMs, answerBytesMax, signal },
    {
      begin: (listVersion) => {
        refuseStale(run, seenBefore, listVersion);
        current.pass = known.beginList(listVersion);
      },
      page: (items) => {
        for (const item of items) {
          const watched = watchedObject(item);
          const change = watched === null ? null : (current.pass?.item(watched) ?? null);
          if (change !== null) handOver(run, change);
        }
      },
    },
  );
  for (const change of current.pass?.finish() ?? []) handOver(run, change);
}

/**
 * A list is up to date when it is read, so one that is older than what was seen comes from a server
 * that lags behind: asked again. When every one is, etcd was restored from a backup.
 */
function refuseStale(run: Run, seenBefore: string | null, listVersion: string): void {
  const { client, resource } = run.options;
  if (seenBefore === null || compareResourceVersions(listVersion, seenBefore) >= 0) {
    run.staleLists = 0;
    return;
  }
  run.staleLists += 1;
  if (run.staleLists > staleListsMax) {
    const { log } = client.internals;
    log.error('kube_history_rewound', { resource: resource.plural, seenBefore, listVersion });
    run.staleLists = 0;
    run.known.rewind();
    return;
  }
  const subject = { verb: 'list', resource: resource.plural, kind: resource.kind, target: '' };
  const message = `the list is of version ${listVersion}, after ${seenBefore} was seen`;
  throw errorWithoutAnswer(subject, NoAnswer.StaleAnswer, message);
}

function retryDelayMs(failures: number, error: KubeError | null): number {
  const policy = { initialMs: retryInitialMs, maxMs: retryMaxMs };
  const backoffMs = backoffDelayMs(Math.max(failures, 1), policy, systemRandom);
  return Math.max(backoffMs, Math.min(error?.retryAfterMs ?? 0, retryAfterMaxMs));
}
