import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandom } from '@windlass/base';
import { currentTraceparent, runWithTraceparent } from '@windlass/telemetry';
import { describe, expect, it } from 'vitest';
import { type Batcher, createBatcher } from './batcher.ts';

type Flight = {
  readonly items: readonly number[];
  readonly land: () => void;
  readonly fail: (error: Error) => void;
};

/** A batcher of numbers whose batches end when the test says so; each gives ten times its items. */
function held(bounds: { itemsMax?: number; queueMax?: number; concurrency?: number } = {}) {
  const flights: Flight[] = [];
  const batcher: Batcher<number, number> = createBatcher({
    name: 'numbers',
    itemsMax: bounds.itemsMax ?? 10,
    queueMax: bounds.queueMax ?? 100,
    concurrency: bounds.concurrency ?? 1,
    run: (items) =>
      new Promise<number[]>((resolve, reject) => {
        flights.push({ items, land: () => resolve(items.map((item) => item * 10)), fail: reject });
      }),
  });
  return { batcher, flights };
}

describe('createBatcher', () => {
  it('takes along what arrives in one turn, and makes the next batch of what arrives meanwhile', async () => {
    const { batcher, flights } = held();
    const first = [batcher.add(1), batcher.add(2)];
    await nextTurn();
    const second = [batcher.add(3), batcher.add(4), batcher.add(5)];
    await nextTurn();
    expect(flights.map(({ items }) => items)).toEqual([[1, 2]]);
    expect(batcher.waiting()).toBe(3);
    flights[0]?.land();
    expect(await Promise.all(first)).toEqual([10, 20]);
    expect(flights.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    flights[1]?.land();
    expect(await Promise.all(second)).toEqual([30, 40, 50]);
  });

  it('keeps batches at their bound and the items in order', async () => {
    const { batcher, flights } = held({ itemsMax: 2 });
    const results = [1, 2, 3, 4, 5].map(batcher.add);
    for (let flight = 0; flight < 3; flight += 1) {
      await nextTurn();
      flights[flight]?.land();
    }
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50]);
    expect(flights.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('has at most its number of batches in flight', async () => {
    const { batcher, flights } = held({ itemsMax: 1, concurrency: 2 });
    const results = [1, 2, 3].map(batcher.add);
    await nextTurn();
    expect(flights).toHaveLength(2);
    flights[1]?.land();
    expect(await results[1]).toBe(20);
    await nextTurn();
    expect(flights).toHaveLength(3);
    flights[0]?.land();
    flights[2]?.land();
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
  });

  it('refuses with unavailable what is more than may wait, and recovers', async () => {
    const { batcher, flights } = held({ queueMax: 2, itemsMax: 1 });
    const first = batcher.add(1);
    await nextTurn();
    const waiting = [batcher.add(2), batcher.add(3)];
    await expect(batcher.add(4)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: 1_000,
    });
    for (let flight = 0; flight < 3; flight += 1) {
      flights[flight]?.land();
      await nextTurn();
    }
    expect(await Promise.all([first, ...waiting])).toEqual([10, 20, 30]);
    const later = batcher.add(5);
    await nextTurn();
    flights[3]?.land();
    expect(await later).toBe(50);
  });

  it('fails the whole batch with one error, and only that batch', async () => {
    const { batcher, flights } = held();
    const error = new Error('connection lost');
    const lost = Promise.allSettled([batcher.add(1), batcher.add(2)]);
    await nextTurn();
    const next = batcher.add(3);
    flights[0]?.fail(error);
    expect(await lost).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
    flights[1]?.land();
    expect(await next).toBe(30);
  });

  it('treats a wrong number of results as the bug it is', async () => {
    const batcher = createBatcher<number, number>({
      name: 'numbers',
      itemsMax: 10,
      queueMax: 10,
      run: async () => [1],
    });
    const [first, second] = [batcher.add(1), batcher.add(2)];
    await expect(first).rejects.toThrow('one result per item');
    await expect(second).rejects.toThrow('one result per item');
  });

  it('closes when all that it took is done, and takes nothing more', async () => {
    const { batcher, flights } = held({ itemsMax: 1 });
    const taken = [batcher.add(1), batcher.add(2)];
    let isClosed = false;
    const closed = batcher.close().then(() => {
      isClosed = true;
      return isClosed;
    });
    await expect(batcher.add(3)).rejects.toMatchObject({ code: 'unavailable' });
    flights[0]?.land();
    await nextTurn();
    expect(isClosed).toBe(false);
    flights[1]?.land();
    expect(await Promise.all(taken)).toEqual([10, 20]);
    expect(await closed).toBe(true);
    await createBatcher({ name: 'idle', itemsMax: 1, queueMax: 1, run: async () => [] }).close();
  });

  it('runs outside of the trace of whoever came first', async () => {
    const seen: (string | null)[] = [];
    const batcher = createBatcher<number, number>({
      name: 'numbers',
      itemsMax: 10,
      queueMax: 10,
      run: async (items) => {
        seen.push(currentTraceparent());
        return items;
      },
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await runWithTraceparent(traceparent, () => batcher.add(1));
    expect(seen).toEqual([null]);
  });

  it('gives each caller its own result under any interleaving', async () => {
    const random = seededRandom('batcher');
    let inFlight = 0;
    let inFlightMost = 0;
    const batcher = createBatcher<number, number>({
      name: 'numbers',
      itemsMax: 7,
      queueMax: 10_000,
      concurrency: 3,
      run: async (items) => {
        expect(items.length).toBeLessThanOrEqual(7);
        inFlight += 1;
        inFlightMost = Math.max(inFlightMost, inFlight);
        for (let turn = random.integer(0, 3); turn > 0; turn -= 1) await nextTurn();
        inFlight -= 1;
        return items.map((item) => item + 0.5);
      },
    });
    const results: Promise<number>[] = [];
    for (let item = 0; item < 2_000; item += 1) {
      results.push(batcher.add(item));
      if (random.chance(0.2)) await nextTurn();
    }
    expect(await Promise.all(results)).toEqual(results.map((_, item) => item + 0.5));
    expect(inFlightMost).toBe(3);
  });
});
