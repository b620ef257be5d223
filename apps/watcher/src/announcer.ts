/**
 * Turns changes into messages: the first change of a Deployment is published after a moment, those
 * that follow within the window become one. While NATS is away the names wait here: one entry per
 * Deployment, so the memory is bounded by what the cluster holds.
 *
 *     change → quiet? publish soon → window runs ─→ changed meanwhile? publish, window again
 *                                                  └ no: forget
 */
import { type BackoffPolicy, backoffDelayMs, type Random } from '@windlass/base';

export type Change = {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  /** When the change was seen, wall clock, milliseconds since 1970. */
  readonly seenAtMs: number;
};

export type AnnouncerOptions = {
  /** Publishes one name and resolves once the stream has acknowledged it; rejects to be tried again. */
  readonly publish: (change: Change) => Promise<void>;
  /**
   * From a change to its message. Mostly it is the worker's own write: by then its row is written, and
   * the message needs no reading.
   */
  readonly leadMs: number;
  /** Changes of one Deployment within this time become one message. */
  readonly coalesceMs: number;
  /** Messages on their way at the same time: NATS acknowledges far more, the worker reads fewer. */
  readonly inFlightMax: number;
  readonly backoff: BackoffPolicy;
  readonly random: Pick<Random, 'next'>;
  readonly onFailure: (change: Change, failures: number, error: unknown) => void;
};

export type Announcer = {
  readonly announce: (change: Change) => void;
  /** Names that are not published yet. */
  readonly waiting: () => number;
  /** Resolves when nothing waits, or at the deadline; afterwards nothing is published any more. */
  readonly stop: (deadlineMs: number) => Promise<void>;
};

/** unpublished: the newest change that no message has told of; null while the window runs empty. */
type Entry = { unpublished: Change | null; failures: number };

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const entries = new Map<string, Entry>();
  const timers = new Set<NodeJS.Timeout>();
  const ready: string[] = [];
  let inFlight = 0;
  let waiting = 0;
  let stopped = false;
  let drained = Promise.withResolvers<void>();

  const setUnpublished = (entry: Entry, change: Change | null): void => {
    waiting += Number(change !== null) - Number(entry.unpublished !== null);
    entry.unpublished = change;
  };
  const later = (delayMs: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, delayMs);
    timers.add(timer);
  };
  const enqueue = (key: string): void => {
    ready.push(key);
    pump();
  };
  const pump = (): void => {
    while (inFlight < options.inFlightMax) {
      const key = stopped ? undefined : ready.shift();
      if (key === undefined) break;
      void publishOne(key);
    }
  };
  const publishOne = async (key: string): Promise<void> => {
    const entry = entries.get(key);
    const change = entry?.unpublished ?? null;
    if (entry === undefined || change === null) return;
    setUnpublished(entry, null);
    inFlight += 1;
    try {
      await options.publish(change);
      entry.failures = 0;
      later(options.coalesceMs, () => endWindow(key));
    } catch (error) {
      entry.failures += 1;
      // A newer change that came meanwhile says all that this one did.
      setUnpublished(entry, entry.unpublished ?? change);
      options.onFailure(change, entry.failures, error);
      later(backoffDelayMs(entry.failures, options.backoff, options.random), () => enqueue(key));
    } finally {
      inFlight -= 1;
      if (waiting === 0 && inFlight === 0) drained.resolve();
      pump();
    }
  };
  const endWindow = (key: string): void => {
    if (entries.get(key)?.unpublished === null) entries.delete(key);
    else enqueue(key);
  };
  return {
    announce: (change) => {
      if (stopped) return;
      const key = `${change.namespace}/${change.name}`;
      const known = entries.get(key);
      const entry = known ?? { unpublished: null, failures: 0 };
      setUnpublished(entry, change);
      if (known !== undefined) return;
      entries.set(key, entry);
      later(options.leadMs, () => enqueue(key));
    },
    waiting: () => waiting,
    stop: async (deadlineMs) => {
      if (waiting > 0 || inFlight > 0) {
        drained = Promise.withResolvers<void>();
        later(deadlineMs, () => drained.resolve());
        await drained.promise;
      }
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
