/** What this adapter counts. One set per Metrics, shared by all clients of a process. */
import type { Metrics } from '@windlass/telemetry';

/** State of one list-and-watch, as the gauges read it. */
export type WatchReading = {
  readonly resource: string;
  /** Since the last event, bookmark or complete list, milliseconds. */
  readonly signalAgeMs: () => number;
  readonly objectCount: () => number;
};

export type KubeMetrics = {
  /** @param code HTTP status, or the reason of a KubeError without an answer */
  readonly request: (verb: string, resource: string, code: string, seconds: number) => void;
  readonly watchRestart: (resource: string, reason: string) => void;
  readonly list: (resource: string, reason: string) => void;
  readonly handlerFailure: (resource: string) => void;
  /** Adds a watch to the gauges until the returned function is called. */
  readonly observeWatch: (reading: WatchReading) => () => void;
};

const shared = new WeakMap<Metrics, KubeMetrics>();

export function kubeMetrics(metrics: Metrics): KubeMetrics {
  const present = shared.get(metrics);
  if (present !== undefined) return present;
  const made = makeKubeMetrics(metrics);
  shared.set(metrics, made);
  return made;
}

function makeKubeMetrics(metrics: Metrics): KubeMetrics {
  const readings = new Set<WatchReading>();
  const requests = metrics.histogram(
    'kube_request_duration_seconds',
    'Calls to the API server, from start to the last byte of the answer.',
    ['verb', 'resource', 'code'],
  );
  const restarts = metrics.counter(
    'kube_watch_restarts_total',
    'Watches that ended and were started again, by why they ended (expired = in good order).',
    ['resource', 'reason'],
  );
  const lists = metrics.counter('kube_watch_lists_total', 'Whole lists beside watches, by why.', [
    'resource',
    'reason',
  ]);
  const failures = metrics.counter(
    'kube_watch_handler_failures_total',
    'Events whose handler threw; each is handed over again after the next list.',
    ['resource'],
  );
  metrics.gauge(
    'kube_watch_signal_age_seconds',
    'Time since the last event, bookmark or complete list. Over 30 s: what we know may be stale.',
    ['resource'],
    (gauge) => {
      gauge.reset();
      for (const [resource, ageMs] of oldestByResource(readings)) {
        gauge.set({ resource }, ageMs / 1_000);
      }
    },
  );
  metrics.gauge('kube_watch_objects', 'Objects known from the watch.', ['resource'], (gauge) => {
    gauge.reset();
    for (const reading of readings)
      gauge.inc({ resource: reading.resource }, reading.objectCount());
  });
  return {
    request: (verb, resource, code, seconds) => requests.observe({ verb, resource, code }, seconds),
    watchRestart: (resource, reason) => restarts.inc({ resource, reason }),
    list: (resource, reason) => lists.inc({ resource, reason }),
    handlerFailure: (resource) => failures.inc({ resource }),
    observeWatch: (reading) => {
      readings.add(reading);
      return () => readings.delete(reading);
    },
  };
}

function oldestByResource(readings: ReadonlySet<WatchReading>): Map<string, number> {
  const oldest = new Map<string, number>();
  for (const reading of readings) {
    const ageMs = Math.max(reading.signalAgeMs(), oldest.get(reading.resource) ?? 0);
    oldest.set(reading.resource, ageMs);
  }
  return oldest;
}
