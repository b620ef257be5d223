/** What has to be done now and then: measuring the outbox, and deleting what is past its age. */
import { pause, superviseLoop } from '@windlass/lifecycle';
import type { DeploymentStore } from '@windlass/postgres';
import type { Log, Metrics } from '@windlass/telemetry';
import type { ApiSettings } from './config.ts';

/** An alarm on the lag is noticed within seconds. */
const measureMs = 5_000;
/** Rows past their age cost nothing but space. */
const pruneMs = 60_000;
const backoffPolicy = { initialMs: 1_000, maxMs: 30_000 };

export function startHousekeeping(options: {
  readonly store: Pick<DeploymentStore, 'outboxLag' | 'prune'>;
  readonly settings: Pick<ApiSettings, 'activityRetentionMs' | 'outboxRetentionMs'>;
  readonly log: Log;
  readonly metrics: Metrics;
}): { readonly stop: () => Promise<void> } {
  const { store, settings, log, metrics } = options;
  const controller = new AbortController();
  const oldest = metrics.gauge(
    'outbox_oldest_seconds',
    'Age of the oldest unsent outbox row; 0: none.',
  );
  const unsent = metrics.gauge('outbox_unsent', 'Outbox rows that are not published yet.');
  const supervision = { signal: controller.signal, log, backoff: backoffPolicy };

  const measuring = superviseLoop(
    'outbox-lag',
    async (signal) => {
      while (!signal.aborted) {
        const lag = await store.outboxLag();
        oldest.set(lag.oldestMs / 1_000);
        unsent.set(lag.unsent);
        await pause(measureMs, signal);
      }
    },
    supervision,
  );
  const pruning = superviseLoop(
    'prune',
    async (signal) => {
      while (!signal.aborted) {
        await pause(pruneMs, signal);
        if (signal.aborted) return;
        const rows = await store.prune({
          outboxMs: settings.outboxRetentionMs,
          activityMs: settings.activityRetentionMs,
        });
        if (rows > 0) log.debug('rows_pruned', { rows });
      }
    },
    supervision,
  );

  return {
    stop: async () => {
      controller.abort();
      await Promise.all([measuring, pruning]);
    },
  };
}
