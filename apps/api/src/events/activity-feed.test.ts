import { createLog } from '@windlass/telemetry';
import { describe, expect, it } from 'vitest';
import { memoryFeed } from '../testing/memory-feed.ts';
import { createActivityFeed } from './activity-feed.ts';

const log = createLog({
  app: 'test',
  level: 'error',
  format: 'json',
  destination: { write: () => undefined },
});

describe('the activity feed', () => {
  it('gives whoever joins exactly what comes after the position', async () => {
    const memory = memoryFeed();
    const feed = createActivityFeed({ store: memory, log });
    memory.add('before');
    const seen: string[] = [];
    const arrived = Promise.withResolvers<void>();
    const membership = await feed.join((records) => {
      seen.push(...records.map(({ id }) => id));
      if (seen.includes('3')) arrived.resolve();
    }, null);
    expect(membership.position).toBe('1');
    memory.add('after');
    memory.add('after');
    feed.wake();
    await arrived.promise;
    expect(seen).toEqual(['2', '3']);
    membership.leave();
    await feed.stop();
  });

  it('reads nothing while nobody listens', async () => {
    const memory = memoryFeed();
    const feed = createActivityFeed({ store: memory, log });
    feed.wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect(memory.reads()).toBe(0);
    await feed.stop();
  });

  it('goes on where it was after failures, and lets joiners in then', async () => {
    const memory = memoryFeed();
    const feed = createActivityFeed({ store: memory, log });
    memory.fail(2);
    const seen: string[] = [];
    const arrived = Promise.withResolvers<void>();
    await feed.join((records) => {
      seen.push(...records.map(({ id }) => id));
      if (seen.length === 3) arrived.resolve();
    }, null);
    memory.add('a');
    memory.fail(1);
    feed.wake();
    memory.add('b');
    memory.add('c');
    await arrived.promise;
    expect(seen).toEqual(['1', '2', '3']);
    await feed.stop();
  });

  it('does not let in who gave up waiting', async () => {
    const memory = memoryFeed();
    const feed = createActivityFeed({ store: memory, log });
    const seen: string[] = [];
    void feed.join(
      (records) => void seen.push(...records.map(({ id }) => id)),
      AbortSignal.abort(),
    );
    const { leave } = await feed.join(() => undefined, null);
    memory.add('a');
    const passed = feed.join(() => undefined, null);
    feed.wake();
    await passed;
    expect(seen).toEqual([]);
    leave();
    await feed.stop();
  });
});
