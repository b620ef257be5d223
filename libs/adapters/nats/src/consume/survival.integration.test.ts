/** Consuming goes on, and nothing is lost, whatever happens to the server. */

import { eventually } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import { StreamKind, streamName } from '../names.ts';
import { publishMany } from '../publish/publish.ts';
import { deploymentStreams } from '../streams/definitions.ts';
import { ensureStreams } from '../streams/ensure.ts';
import {
  consumeRevisions,
  managerOf,
  openBus,
  ownNats,
  streamState,
  testPrefix,
  testStack,
  wake,
} from '../testing/harness.ts';
import type { Verdict } from './verdict.ts';

/** Wake-ups by number, so that a test can say which are missing. */
const wakes = (prefix: string, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => wake(prefix, `web-${from + index}`));

const ack = async (): Promise<Verdict> => ({ kind: 'ack' });

describe('a server that is killed in the middle of a load', () => {
  it('loses nothing: every wake-up is handled, and few of them twice', async () => {
    const server = await ownNats();
    const bus = await openBus(server.url);
    const worker = await openBus(server.url);
    const prefix = 'stack';
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    const stream = streamName(prefix, StreamKind.Revisions);
    const handled = new Map<string, number>();
    consumeRevisions(worker, prefix, {
      concurrency: 16,
      deliveriesMax: 20,
      handle: async ({ subject }) => {
        await new Promise((resolve) => setTimeout(resolve, 3));
        handled.set(subject, (handled.get(subject) ?? 0) + 1);
        return { kind: 'ack' };
      },
      onDeadLetter: async (_message, reason) => expect.fail(reason),
    });
    const total = 4_000;
    const batch = 250;
    const publishing = (async () => {
      const outcomes = [];
      for (let from = 0; from < total; from += batch) {
        outcomes.push(...(await publishMany(bus, wakes(prefix, from, batch))));
      }
      return outcomes;
    })();
    for (const until of [500, 1_500]) {
      await eventually(() => expect(handled.size).toBeGreaterThan(until), { deadlineMs: 30_000 });
      await server.current().process.kill();
      await server.restart();
    }
    expect((await publishing).filter((outcome) => !outcome.ok)).toEqual([]);
    await eventually(() => expect(handled.size).toBe(total), { deadlineMs: 30_000 });
    await eventually(async () => expect((await streamState(bus, stream)).messages).toBe(0), {
      deadlineMs: 20_000,
    });
    const repeated = [...handled.values()].filter((count) => count > 1).length;
    // Those in hand or just acknowledged at each of the two kills; a few hundred at the most.
    expect(repeated).toBeLessThan(600);
    expect(worker.logged('nats_connection_lost')).toHaveLength(2);
  }, 90_000);
});

describe('a handler that ends while the server is away', () => {
  it('has its answer sent to the server that comes back', async () => {
    const server = await ownNats();
    const bus = await openBus(server.url);
    const prefix = 'stack';
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    const end = Promise.withResolvers<void>();
    const deliveries: number[] = [];
    consumeRevisions(bus, prefix, {
      ackWaitMs: 60_000,
      handle: async (_message, { delivery }) => {
        deliveries.push(delivery);
        await end.promise;
        return { kind: 'ack' };
      },
    });
    await publishMany(bus, wakes(prefix, 0, 3));
    await eventually(() => expect(deliveries).toHaveLength(3));
    // In order: a server that is killed may forget what it delivered last, and deliver it anew.
    await server.current().stop();
    await eventually(() => expect(bus.internal.link.attachment).toBeNull());
    end.resolve();
    await server.restart();
    const stream = streamName(prefix, StreamKind.Revisions);
    await eventually(async () => expect((await streamState(bus, stream)).messages).toBe(0));
    expect(deliveries).toEqual([1, 1, 1]);
  });
});

describe('the consumer', () => {
  it('is made again when somebody deletes it', async () => {
    const { bus, prefix } = await testStack();
    const stream = streamName(prefix, StreamKind.Revisions);
    const handled = new Set<string>();
    consumeRevisions(bus, prefix, {
      handle: async ({ subject }) => {
        handled.add(subject);
        return { kind: 'ack' };
      },
    });
    for (let round = 0; round < 3; round += 1) {
      await publishMany(bus, wakes(prefix, round * 100, 50));
      await eventually(() => expect(handled.size).toBe(round * 50 + 50));
      await (await managerOf(bus)).consumers.delete(stream, 'worker');
    }
    await publishMany(bus, wakes(prefix, 1_000, 50));
    await eventually(() => expect(handled.size).toBe(200));
    expect(await bus.metrics.text()).toMatch(
      /windlass_nats_consumer_restarts_total\{.*reason="consumer_deleted".*\} 3/,
    );
  });

  it('is brought up to date when its settings change', async () => {
    const { bus, prefix } = await testStack();
    const stream = streamName(prefix, StreamKind.Revisions);
    const first = consumeRevisions(bus, prefix, {
      ackWaitMs: 2_000,
      deliveriesMax: 5,
      handle: ack,
    });
    const config = async () =>
      (await (await managerOf(bus)).consumers.info(stream, 'worker')).config;
    await eventually(async () => expect((await config()).max_deliver).toBe(5));
    await first.stop();
    consumeRevisions(bus, prefix, { ackWaitMs: 3_000, deliveriesMax: 9, handle: ack });
    await eventually(async () =>
      expect(await config()).toMatchObject({ max_deliver: 9, ack_wait: 3_000 * 1e6 }),
    );
  });

  it('is made again with its stream, when the stream is deleted', async () => {
    const { bus, prefix } = await testStack();
    const stream = streamName(prefix, StreamKind.Revisions);
    let handled = 0;
    consumeRevisions(bus, prefix, {
      handle: async () => {
        handled += 1;
        return { kind: 'ack' };
      },
    });
    await publishMany(bus, wakes(prefix, 0, 10));
    await eventually(() => expect(handled).toBe(10));
    await (await managerOf(bus)).streams.delete(stream);
    await eventually(async () => expect((await streamState(bus, stream)).messages).toBe(0));
    await publishMany(bus, wakes(prefix, 100, 10));
    await eventually(() => expect(handled).toBe(20));
  });

  it('starts as soon as its stream exists', async () => {
    const { url, prefix } = await testPrefix();
    const bus = await openBus(url);
    let handled = 0;
    consumeRevisions(bus, prefix, {
      handle: async () => {
        handled += 1;
        return { kind: 'ack' };
      },
    });
    await eventually(() => expect(bus.logged('nats_consumer_interrupted')).toHaveLength(1));
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    await publishMany(bus, wakes(prefix, 0, 10));
    await eventually(() => expect(handled).toBe(10));
    // However many tries that took, it was said once.
    expect(bus.logged('nats_consumer_interrupted')).toHaveLength(1);
  });
});

describe('a server that comes back without its state', () => {
  it('gets its streams and consumers again', async () => {
    const first = await ownNats();
    const bus = await openBus(first.url);
    const prefix = 'stack';
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    let handled = 0;
    consumeRevisions(bus, prefix, {
      handle: async () => {
        handled += 1;
        return { kind: 'ack' };
      },
    });
    await publishMany(bus, wakes(prefix, 0, 10));
    await eventually(() => expect(handled).toBe(10));
    await first.current().process.kill();
    await ownNats({ port: first.port });
    const outcomes = await publishMany(bus, wakes(prefix, 100, 10));
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([]);
    await eventually(() => expect(handled).toBe(20));
  });
});

describe('a server that stops answering without a word', () => {
  it('is left after a while, and consumed from again when it answers', async () => {
    const server = await ownNats();
    const bus = await openBus(server.url);
    const prefix = 'stack';
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    const handled = new Set<string>();
    consumeRevisions(bus, prefix, {
      handle: async ({ subject }) => {
        handled.add(subject);
        return { kind: 'ack' };
      },
    });
    await publishMany(bus, wakes(prefix, 0, 100));
    await eventually(() => expect(handled.size).toBe(100));
    await server.current().process.pause();
    await eventually(() => expect(bus.ping()).rejects.toMatchObject({ code: 'unavailable' }));
    await eventually(() => expect(bus.logged('nats_connection_lost')).toHaveLength(1), {
      deadlineMs: 25_000,
    });
    // Dials reach a socket that the kernel opened, and nobody behind it.
    await eventually(() => expect(bus.logged('nats_connection_failed')).toHaveLength(1), {
      deadlineMs: 25_000,
    });
    await server.current().process.resume();
    const outcomes = await publishMany(bus, wakes(prefix, 1_000, 100));
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([]);
    await eventually(() => expect(handled.size).toBe(200));
    await bus.ping();
  }, 90_000);
});
