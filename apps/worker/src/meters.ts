/** Everything that the worker counts. */
import type { Metrics } from '@windlass/telemetry';

/** From a request's acceptance to its end; the design asks for milliseconds, an outage gives hours. */
const revisionBucketsSeconds = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3_600];

/** From the watcher's sight of a change to the row; the design asks for 1 s at p99. */
const syncBucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

export type WorkerMeters = ReturnType<typeof createWorkerMeters>;

export function createWorkerMeters(metrics: Metrics) {
  return {
    tries: metrics.counter('revision_tries_total', 'Tries of revisions by how they ended.', [
      'operation',
      'outcome',
    ]),
    revisionSeconds: metrics.histogram(
      'revision_seconds',
      'From the acceptance of a revision to its end.',
      ['operation', 'outcome'],
      revisionBucketsSeconds,
    ),
    syncSeconds: metrics.histogram(
      'sync_seconds',
      'From the watcher seeing a change to its row being written.',
      [],
      syncBucketsSeconds,
    ),
    reopened: metrics.counter(
      'revisions_reopened_total',
      'Newest revisions run again because the cluster showed an older one.',
      [],
    ),
    comparedAbsent: metrics.counter(
      'sync_found_absent_total',
      'Deployments that a comparison with the cluster found deleted.',
      [],
    ),
  };
}
