/**
 * Natural batching: what arrives while a batch is in flight becomes the next one. Alone, a caller
 * waits for nobody; under load the batches grow by themselves, up to a bound.
 */
import { assert } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import { runWithTraceparent } from '@windlass/telemetry';

export type BatcherOptions<In, Out> = {
  /** What is batched, for errors: `accepted requests`. */
  readonly name: string;
  /**
   * Does a whole batch: one result per item, in their order. Where items fail one by one, the
   * results say so; a rejection rejects every item of the batch with the same error. It sets its
   * own deadline. It runs outside of any trace, as a batch belongs to many.
   */
  readonly run: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Items per batch, at least 1. */
  readonly itemsMax: number;
  /** Items that may wait; one more is refused with `unavailable`. */
  readonly queueMax: number;
  /** Batches in flight at once, 1 by default. */
  readonly concurrency?: number;
};

export type Batcher<In, Out> = {
  /** The item's result, once its batch is done. Rejects with `unavailable` when full or closed. */
  readonly add: (item: In) => Promise<Out>;
  /** Items that wait, without those in flight. Invariant: at most queueMax. */
  readonly waiting: () => number;
  /** Refuses new items; resolves when those that were taken are done. */
  readonly close: () => Promise<void>;
};

type Entry<In, Out> = {
  readonly item: In;
  readonly resolve: (result: Out) => void;
  readonly reject: (error: unknown) => void;
};

/** Overload passes within about one batch; a second is what clients can wait. */
const retryAfterMs = 1_000;

export function createBatcher<In, Out>(options: BatcherOptions<In, Out>): Batcher<In, Out> {
  const { name, itemsMax, queueMax } = options;
  const concurrency = options.concurrency ?? 1;
  assert(itemsMax >= 1 && queueMax >= 1 && concurrency >= 1, `${name}: bounds of at least 1`);
  let queue: Entry<In, Out>[] = [];
  let inFlight = 0;
  let startPlanned = false;
  const closed = Promise.withResolvers<void>();
  let closing = false;

  const startBatches = (): void => {
    startPlanned = false;
    while (inFlight < concurrency && queue.length > 0) {
      const batch = queue.slice(0, itemsMax);
      queue = queue.slice(itemsMax);
      inFlight += 1;
      void runWithTraceparent(null, () => settle(options, batch)).then(endBatch);
    }
    if (closing && inFlight === 0) closed.resolve();
  };
  const endBatch = (): void => {
    inFlight -= 1;
    startBatches();
  };
  const planStart = (): void => {
    if (startPlanned || inFlight >= concurrency) return;
    startPlanned = true;
    // Everything that this turn of the event loop reads from its sockets goes along.
    setImmediate(startBatches);
  };
  return {
    add: (item) => {
      if (closing) return Promise.reject(unavailable(`${name}: the process is stopping`));
      if (queue.length >= queueMax) {
        return Promise.reject(unavailable(`${name}: ${queueMax} are waiting already`));
      }
      const { promise, resolve, reject } = Promise.withResolvers<Out>();
      queue.push({ item, resolve, reject });
      planStart();
      return promise;
    },
    waiting: () => queue.length,
    close: () => {
      closing = true;
      startBatches();
      return closed.promise;
    },
  };
}

/** Runs one batch and hands each its result. Never rejects. */
async function settle<In, Out>(
  { run, name }: BatcherOptions<In, Out>,
  batch: readonly Entry<In, Out>[],
): Promise<void> {
  try {
    const results = await run(batch.map(({ item }) => item));
    assert(results.length === batch.length, `${name}: a batch gives one result per item`);
    for (const [index, result] of results.entries()) batch[index]?.resolve(result);
  } catch (error) {
    for (const entry of batch) entry.reject(error);
  }
}

function unavailable(detail: string): WindlassError {
  return new WindlassError('unavailable', detail, { retryAfterMs });
}
