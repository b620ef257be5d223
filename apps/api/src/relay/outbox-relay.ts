/**
 * Carries the outbox to JetStream: rows that were committed with a request become wake-ups for the
 * worker. Safe with many processes (the rows are locked, the others skip them) and with crashes: a
 * row that was published but not marked is published again under the same id, which the stream
 * recognises; and a wake-up too many does no harm.
 */
import { type BackoffPolicy, backoffDelayMs, systemRandom } from '@windlass/base';
import { isPassing } from '@windlass/errors';
import { type Bus, encodeMessage, publishMany, subjects } from '@windlass/nats';
import type { DeploymentStore, OutboxRow } from '@windlass/postgres';
import { RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import type { Log, Metrics } from '@windlass/telemetry';

/** Rows per transaction: large enough to use the stream well, short enough to hold locks briefly. */
const rowsPerBatchMax = 128;
/** The transaction is held no longer than this over the network. */
const publishDeadlineMs = 3_000;
/** Rows of processes that died are found after this at the latest, without any wake. */
const pollMs = 1_000;
/** While NATS is away. */
const backoffPolicy: BackoffPolicy = { initialMs: 50, maxMs: 2_000 };

export type OutboxRelay = {
  /** There may be new rows: called after every commit. */
  readonly wake: () => void;
  /** Runs until the signal aborts; ends early by throwing where PostgreSQL fails. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

export function createOutboxRelay(options: {
  readonly store: Pick<DeploymentStore, 'relayOutbox'>;
  readonly bus: Bus;
  readonly subjectPrefix: string;
  readonly log: Log;
  readonly metrics: Metrics;
}): OutboxRelay {
  const { store, bus, subjectPrefix, log } = options;
  const relayed = options.metrics.counter(
    'outbox_relayed_total',
    'Outbox rows by what became of them in one try.',
    ['outcome'],
  );
  let rung = false;
  let wakeUp: (() => void) | null = null;

  return {
    wake: () => {
      rung = true;
      wakeUp?.();
    },
    run: async (signal) => {
      let failures = 0;
      while (!signal.aborted) {
        rung = false;
        // Not even begun without a connection: rows would be locked, and the activity feed held up
        // by the open transaction, for nothing.
        if (!isConnected(bus)) {
          failures += 1;
          await rest(backoffDelayMs(failures, backoffPolicy, systemRandom), signal, false);
          continue;
        }
        const { locked, sent } = await store.relayOutbox(rowsPerBatchMax, publishRows);
        relayed.inc({ outcome: 'sent' }, sent);
        relayed.inc({ outcome: 'kept' }, locked - sent);
        failures = sent < locked ? failures + 1 : 0;
        if (failures === 1) log.warn('outbox_relay_behind', { locked, sent });
        if (failures > 0)
          await rest(backoffDelayMs(failures, backoffPolicy, systemRandom), signal, false);
        else if (locked < rowsPerBatchMax) await rest(pollMs, signal, true);
      }
    },
  };

  async function publishRows(rows: readonly OutboxRow[]): Promise<readonly string[]> {
    const results = await publishMany(
      bus,
      rows.map((row) => ({
        subject: subjects.revision(subjectPrefix, row.identifier),
        id: row.id,
        traceparent: row.traceparent,
        deadlineMs: publishDeadlineMs,
        ...encodeMessage(RevisionWakeSchema, {
          identifier: row.identifier,
          requestId: row.request,
          revision: BigInt(row.revision),
        }),
      })),
    );
    const failed = results.find((result) => !result.ok);
    if (failed?.ok === false) {
      log.debug('outbox_publish_failed', { kind: failed.error.kind, reason: failed.error.reason });
    }
    return rows.filter((_, index) => results[index]?.ok === true).map((row) => row.id);
  }

  /** Waits for the time, the end or (where wanted) a wake; a wake that came meanwhile counts. */
  async function rest(delayMs: number, signal: AbortSignal, wakes: boolean): Promise<void> {
    if (signal.aborted || (wakes && rung)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        wakeUp = null;
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal.addEventListener('abort', done);
      if (wakes) wakeUp = done;
    });
  }
}

/** The connection is given while there is one; asking for it otherwise throws. */
function isConnected(bus: Bus): boolean {
  try {
    return !bus.connection.isClosed();
  } catch (error) {
    if (isPassing(error)) return false;
    throw error;
  }
}
