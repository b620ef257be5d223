/**
 * One reader of the activity feed for the whole process. Whoever waits for changes (event streams,
 * `?wait`) listens here, so that a thousand open streams cost PostgreSQL one query, not a thousand.
 *
 * Messages on NATS and commits of this process only wake it; what happened is always read from
 * PostgreSQL, also once a second without any wake. It rests while nobody listens.
 */
import { backoffDelayMs, systemRandom } from '@windlass/base';
import type { ActivityRecord, DeploymentStore } from '@windlass/postgres';
import type { Log } from '@windlass/telemetry';

/** A wake may be lost (core NATS keeps nothing): changes are seen after this at the latest. */
const pollMs = 1_000;
/** Reads are at least this far apart, so that a burst of changes is read in few batches. */
const spacingMs = 10;
/** Records per read. */
const recordsPerReadMax = 500;
const backoffPolicy = { initialMs: 100, maxMs: 5_000 };

/**
 * Called with what is new, oldest first. An empty list says that changes may have been missed (the
 * feed has only just started, or found a gap): look at the rows themselves.
 */
export type FeedListener = (records: readonly ActivityRecord[]) => void;

export type ActivityFeed = {
  /** Listens from some moment soon. The returned function ends it. */
  readonly listen: (listener: FeedListener) => () => void;
  /**
   * Listens from a known place: resolves once everything that was visible at the time of the call
   * has been read, with the id of the last of it. The listener gets exactly what comes after. Once
   * the signal aborts it isn't let in any more, and the promise stays open.
   */
  readonly join: (listener: FeedListener, signal: AbortSignal | null) => Promise<Membership>;
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
};

export type Membership = { readonly position: string; readonly leave: () => void };

type Joiner = {
  readonly listener: FeedListener;
  readonly signal: AbortSignal | null;
  readonly resolve: (membership: Membership) => void;
};

export function createActivityFeed(options: {
  readonly store: Pick<DeploymentStore, 'readActivity'>;
  readonly log: Log;
}): ActivityFeed {
  const { store, log } = options;
  const listeners = new Set<FeedListener>();
  let joiners: Joiner[] = [];
  /** Id of the last record that was read; null while nobody listens. */
  let position: string | null = null;
  const stopping = new AbortController();
  let failures = 0;
  const bell = createBell();
  const finished = run();

  return {
    listen: (listener) => {
      listeners.add(listener);
      bell.ring();
      return () => listeners.delete(listener);
    },
    join: (listener, signal) =>
      new Promise((resolve) => {
        joiners.push({ listener, signal, resolve });
        bell.ring();
      }),
    wake: () => bell.ring(),
    stop: async () => {
      stopping.abort();
      bell.ring();
      await finished;
    },
  };

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      joiners = joiners.filter(({ signal }) => signal?.aborted !== true);
      if (listeners.size === 0 && joiners.length === 0) {
        position = null;
        await bell.heard(null);
        continue;
      }
      try {
        await drain();
        failures = 0;
        await bell.heard(pollMs);
        if (!stopping.signal.aborted) await bell.pause(spacingMs);
      } catch (error) {
        failures += 1;
        if (failures === 1) log.warn('activity_feed_failed', { error });
        await bell.pause(backoffDelayMs(failures, backoffPolicy, systemRandom));
      }
    }
  }

  /** Reads to the end. Who asked to join before the first read began is let in at that end. */
  async function drain(): Promise<void> {
    const entering = joiners;
    joiners = [];
    try {
      let more = true;
      while (more && !stopping.signal.aborted) {
        const started = position === null;
        const batch = await store.readActivity({ userId: null }, {}, position, recordsPerReadMax);
        position = batch.lastId;
        if (started || batch.gap) deliver([]);
        if (batch.items.length > 0) deliver(batch.items);
        more = batch.items.length === recordsPerReadMax;
      }
    } catch (error) {
      joiners = [...entering, ...joiners];
      throw error;
    }
    for (const { listener, signal, resolve } of entering) {
      if (signal?.aborted === true) continue;
      listeners.add(listener);
      resolve({ position: position ?? '', leave: () => listeners.delete(listener) });
    }
  }

  function deliver(records: readonly ActivityRecord[]): void {
    for (const listener of listeners) listener(records);
  }
}

/** A bell that is rung while nobody listens is heard by the next who does. */
function createBell() {
  let rung = false;
  let wakeUp: (() => void) | null = null;
  return {
    ring: () => {
      rung = true;
      wakeUp?.();
    },
    /** Resolves when rung, or after the time; null waits for the bell alone. */
    heard: async (timeoutMs: number | null): Promise<void> => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = timeoutMs === null ? null : setTimeout(resolve, timeoutMs);
          wakeUp = () => {
            if (timer !== null) clearTimeout(timer);
            resolve();
          };
        });
        wakeUp = null;
      }
      rung = false;
    },
    /** Resolves after the time, whatever rings. At most a few seconds, so stop can wait for it. */
    pause: (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs)),
  };
}
