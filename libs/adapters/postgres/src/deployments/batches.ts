/**
 * Batches of the hot paths: calls that arrive while a statement is under way share the next one.
 * An item never fails because of its neighbours: where PostgreSQL refuses a whole batch for its
 * data, every item is tried alone.
 */
import { assert } from '@windlass/base';
import { isPassing } from '@windlass/errors';
import { type Batcher, createBatcher } from '@windlass/lifecycle';
import type { Metrics } from '@windlass/telemetry';
import { passingError, sqlStateOf } from '../errors.ts';
import { retryRaces } from '../query.ts';

/**
 * Items per statement: enough to share one commit among all callers of a busy process, and few
 * enough that a statement stays within some 20 ms.
 */
const itemsMax = 128;
/** Some seconds of work; whoever comes on top is better told to come back. */
const queueMax = 8_192;

type Settled<Out> =
  | { readonly ok: true; readonly value: Out }
  | { readonly ok: false; readonly error: unknown };

export type BatchOptions<In, Out> = {
  /** What it does, for metrics and errors: `accept`. */
  readonly name: string;
  readonly metrics: Metrics;
  /**
   * One statement or one transaction for all items; a result per item, in their order. May run
   * several times, after it was undone.
   */
  readonly run: (items: readonly In[]) => Promise<readonly Out[]>;
};

/** One batch at a time: what waits meanwhile makes the next one larger, at one commit for all. */
export function createStatementBatcher<In, Out>(options: BatchOptions<In, Out>) {
  const seconds = options.metrics.histogram(
    'postgres_batch_seconds',
    'Time that a batch of a hot path took in PostgreSQL.',
    ['operation'],
  );
  const sizes = options.metrics.histogram(
    'postgres_batch_items',
    'Items per batch of a hot path.',
    ['operation'],
    [1, 2, 4, 8, 16, 32, 64, itemsMax],
  );
  const labels = { operation: options.name };
  const batcher: Batcher<In, Settled<Out>> = createBatcher({
    name: options.name,
    itemsMax,
    queueMax,
    concurrency: 1,
    run: async (items) => {
      sizes.observe(labels, items.length);
      const end = seconds.startTimer(labels);
      try {
        return await runIsolated(options.run, items);
      } finally {
        end();
      }
    },
  });
  return {
    add: async (item: In): Promise<Out> => {
      const settled = await batcher.add(item);
      if (settled.ok) return settled.value;
      throw settled.error;
    },
  };
}

async function runIsolated<In, Out>(
  run: BatchOptions<In, Out>['run'],
  items: readonly In[],
): Promise<readonly Settled<Out>[]> {
  try {
    const values = await retryRaces(() => run(items));
    assert(values.length === items.length, 'a batch gives one result per item');
    return values.map((value) => ({ ok: true, value }));
  } catch (error) {
    if (items.length === 1 || !isItemsFault(error)) {
      return items.map(() => ({ ok: false, error }));
    }
  }
  const settled: Settled<Out>[] = [];
  for (const item of items) settled.push(...(await runIsolated(run, [item])));
  return settled;
}

/** PostgreSQL answered, and it isn't the server's own trouble: some item can't be done. */
function isItemsFault(error: unknown): boolean {
  return sqlStateOf(error) !== null && !isPassing(passingError(error));
}
