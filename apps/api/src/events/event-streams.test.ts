import { createLog, createMetrics } from '@windlass/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { memoryFeed } from '../testing/memory-feed.ts';
import { createActivityFeed } from './activity-feed.ts';
import { createEventStreams, type EventStreams, streamBufferBytesMax } from './event-streams.ts';

const log = createLog({
  app: 'test',
  level: 'error',
  format: 'json',
  destination: { write: () => undefined },
});
const alice: Caller = {
  userId: 'alice',
  role: 'user',
  remoteAddress: '127.0.0.1',
  expiresAtMs: null,
};

let memory: ReturnType<typeof memoryFeed>;
let feed: ReturnType<typeof createActivityFeed>;
let streams: EventStreams;
beforeEach(() => {
  memory = memoryFeed();
  feed = createActivityFeed({ store: memory, log });
  streams = createEventStreams({
    store: memory,
    feed,
    streamsMax: 10,
    streamsPerUserMax: 10,
    heartbeatMs: 60_000,
    joinDeadlineMs: 60,
    nowMs: () => Date.now(),
    log,
    metrics: createMetrics('test'),
  });
});
afterEach(async () => {
  streams.stop();
  await feed.stop();
});

describe('event streams', () => {
  it('cut off a client that takes nothing, and nobody else', async () => {
    const slow = await streams.open(alice, {}, null);
    const quick = await streams.open(alice, {}, null);
    const closed = Promise.withResolvers<void>();
    slow.once('close', closed.resolve);
    let last = '';
    const after = Promise.withResolvers<void>();
    quick.on('data', (chunk: Buffer) => {
      last = chunk.toString();
      if (last.includes('"identifier":"after"')) after.resolve();
    });
    const data = { message: 'x'.repeat(10_000) };
    const enough = Math.ceil(streamBufferBytesMax / 10_000) + 10;
    for (let count = 0; count < enough; count += 1) memory.add('web', data);
    feed.wake();
    await closed.promise;
    memory.add('after');
    feed.wake();
    await after.promise;
    expect(slow.destroyed).toBe(true);
    expect(quick.destroyed).toBe(false);
  });

  it('end with the token that opened them', async () => {
    const stream = await streams.open({ ...alice, expiresAtMs: Date.now() + 50 }, {}, null);
    const ended = Promise.withResolvers<void>();
    stream.on('end', ended.resolve).resume();
    await ended.promise;
    expect(stream.readableEnded).toBe(true);
  });

  it('give a place back when the feed can not be joined', async () => {
    memory.fail(3);
    const opened: unknown[] = [];
    const failures: unknown[] = [];
    while (opened.length < 10) {
      try {
        opened.push(await streams.open(alice, {}, null));
      } catch (error) {
        failures.push(error);
      }
      // Were places lost, the failure would be another one, and never end.
      for (const failure of failures) expect(failure).toMatchObject({ code: 'deadline' });
    }
    expect(failures.length).toBeGreaterThan(0);
  });
});
