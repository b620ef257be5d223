/** How many messages are in hand, for how long, and what a stop leaves. On a real server. */

import { eventually } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../message.ts';
import { StreamKind, streamName, subjects } from '../names.ts';
import { publish, publishMany } from '../publish/publish.ts';
import { deploymentStreams } from '../streams/definitions.ts';
import { ensureStreams } from '../streams/ensure.ts';
import {
  afterTest,
  consumeRevisions,
  managerOf,
  openBus,
  streamState,
  testPrefix,
  testStack,
  wake,
} from '../testing/harness.ts';
import type { Verdict } from './verdict.ts';

async function setUp() {
  const { url, bus, prefix } = await testStack();
  const stream = streamName(prefix, StreamKind.Revisions);
  const waiting = async () => (await streamState(bus, stream)).messages;
  const info = async () => (await managerOf(bus)).consumers.info(stream, 'worker');
  return { url, bus, prefix, stream, waiting, info };
}

/** A promise that a test resolves when it wants the handlers to go on. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  afterTest(async () => resolve());
  return { wait: () => promise, open: () => resolve() };
}

describe('concurrency', () => {
  it('never runs more handlers, nor holds more messages, than it may', async () => {
    const { bus, prefix, waiting, info } = await setUp();
    await publishMany(
      bus,
      Array.from({ length: 300 }, (_, index) => wake(prefix, `web-${index}`)),
    );
    let running = 0;
    let runningMax = 0;
    let heldMax = 0;
    let handled = 0;
    consumeRevisions(bus, prefix, {
      concurrency: 3,
      handle: async () => {
        running += 1;
        runningMax = Math.max(runningMax, running);
        if (handled % 20 === 0) heldMax = Math.max(heldMax, (await info()).num_ack_pending);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running -= 1;
        handled += 1;
        return { kind: 'ack' };
      },
    });
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(handled).toBe(300);
    expect(runningMax).toBe(3);
    // Three run and three wait; for the server, the last answers may still be on their way.
    expect(heldMax).toBeLessThanOrEqual(9);
    expect(heldMax).toBeGreaterThan(3);
  });

  it('takes only the messages that its filter lets through', async () => {
    const { bus, prefix, waiting } = await setUp();
    await publishMany(bus, [wake(prefix, 'web'), wake(prefix, 'api')]);
    const handled: string[] = [];
    const handle = async ({ subject }: ReceivedMessage): Promise<Verdict> => {
      handled.push(subject);
      return { kind: 'ack' };
    };
    const filterSubject = subjects.revision(prefix, 'api');
    consumeRevisions(bus, prefix, { filterSubject, handle });
    await eventually(async () => expect(await waiting()).toBe(1));
    expect(handled).toEqual([filterSubject]);
  });

  it('shares the messages among processes, each once', async () => {
    const { url, bus, prefix, waiting } = await setUp();
    const other = await openBus(url);
    const handled: string[] = [];
    const shares = [0, 0];
    for (const [index, each] of [bus, other].entries()) {
      consumeRevisions(each, prefix, {
        handle: async ({ subject }) => {
          handled.push(subject);
          shares[index]! += 1;
          await new Promise((resolve) => setTimeout(resolve, 1));
          return { kind: 'ack' };
        },
      });
    }
    await publishMany(
      bus,
      Array.from({ length: 500 }, (_, index) => wake(prefix, `web-${index}`)),
    );
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(handled).toHaveLength(500);
    expect(new Set(handled).size).toBe(500);
    expect(Math.min(...shares)).toBeGreaterThan(50);
  });
});

describe('a long handler', () => {
  it('keeps its message, and those that wait behind it, from being delivered again', async () => {
    const { bus, prefix, waiting } = await setUp();
    await publishMany(
      bus,
      Array.from({ length: 2 }, (_, index) => wake(prefix, `web-${index}`)),
    );
    const deliveries: number[] = [];
    consumeRevisions(bus, prefix, {
      concurrency: 1,
      ackWaitMs: 400,
      handle: async (_message, { delivery }) => {
        deliveries.push(delivery);
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return { kind: 'ack' };
      },
    });
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(deliveries).toEqual([1, 1]);
  });

  it('is asked to end at its deadline, and its message is delivered again', async () => {
    const { bus, prefix, waiting } = await setUp();
    await publish(bus, wake(prefix, 'web'));
    const reasons: string[] = [];
    consumeRevisions(bus, prefix, {
      handlerDeadlineMs: 300,
      handle: async (_message, { signal, delivery }) => {
        if (delivery > 1) return { kind: 'ack' };
        const { promise, resolve } = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => resolve());
        await promise;
        reasons.push(String(signal.reason));
        throw signal.reason;
      },
    });
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(reasons).toEqual(['Error: the handler took longer than 300 ms']);
  });

  it('loses its message to another process when it ignores its deadline', async () => {
    const { url, bus, prefix, waiting } = await setUp();
    const other = await openBus(url);
    const stuck = gate();
    await publish(bus, wake(prefix, 'web'));
    let begun = 0;
    consumeRevisions(bus, prefix, {
      concurrency: 1,
      ackWaitMs: 400,
      handlerDeadlineMs: 300,
      handle: async () => {
        begun += 1;
        await stuck.wait();
        return { kind: 'ack' };
      },
    });
    await eventually(() => expect(begun).toBe(1));
    const seen: number[] = [];
    consumeRevisions(other, prefix, {
      ackWaitMs: 400,
      handle: async (_message, { delivery }) => {
        seen.push(delivery);
        return { kind: 'ack' };
      },
    });
    // The first process still has a request for messages at the server, and sends back what comes.
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(begun).toBe(1);
  });
});

describe('stop', () => {
  it('lets handlers finish, and sends back what none has begun', async () => {
    const { url, bus, prefix, stream, waiting, info } = await setUp();
    await publishMany(
      bus,
      Array.from({ length: 20 }, (_, index) => wake(prefix, `web-${index}`)),
    );
    const busy = gate();
    let begun = 0;
    const consumption = consumeRevisions(bus, prefix, {
      concurrency: 2,
      ackWaitMs: 60_000,
      handle: async () => {
        begun += 1;
        await busy.wait();
        return { kind: 'ack' };
      },
    });
    await eventually(async () => expect((await info()).num_ack_pending).toBe(4));
    const stopped = consumption.stop();
    await eventually(async () => expect((await info()).num_ack_pending).toBeLessThanOrEqual(4));
    busy.open();
    await stopped;
    expect(begun).toBe(2);
    // Acknowledgements are on the server once stop has returned.
    expect(await waiting()).toBe(18);
    const other = await openBus(url);
    const startedMs = performance.now();
    consumeRevisions(other, prefix, { ackWaitMs: 60_000, handle: async () => ({ kind: 'ack' }) });
    await eventually(async () => expect(await waiting()).toBe(0));
    // Nothing of it had to wait for ack_wait.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect((await (await managerOf(bus)).streams.info(stream)).state.consumer_count).toBe(1);
  });

  it('aborts handlers at its deadline, and sends their messages back', async () => {
    const { url, bus, prefix, waiting } = await setUp();
    await publish(bus, wake(prefix, 'web'));
    const stuck = gate();
    let aborted = false;
    let begun = false;
    const consumption = consumeRevisions(bus, prefix, {
      ackWaitMs: 60_000,
      handle: async (_message, { signal }) => {
        begun = true;
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await stuck.wait();
        return { kind: 'ack' };
      },
    });
    await eventually(() => expect(begun).toBe(true));
    const startedMs = performance.now();
    await consumption.stop(200);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(aborted).toBe(true);
    const other = await openBus(url);
    let delivery = 0;
    consumeRevisions(other, prefix, {
      ackWaitMs: 60_000,
      handle: async (_message, context) => {
        delivery = context.delivery;
        return { kind: 'ack' };
      },
    });
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(delivery).toBe(2);
  });

  it('leaves no timer and no socket behind', async () => {
    const { url } = await testPrefix();
    const before = activeResources();
    const bus = await openBus(url);
    const prefix = 'stack';
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    await publishMany(
      bus,
      Array.from({ length: 50 }, (_, index) => wake(prefix, `web-${index}`)),
    );
    let handled = 0;
    const consumption = consumeRevisions(bus, prefix, {
      handle: async () => {
        handled += 1;
        return { kind: 'ack' };
      },
    });
    await eventually(() => expect(handled).toBe(50));
    await consumption.stop();
    await bus.close();
    await eventually(() => activeResources() <= before);
  });
});

function activeResources(): number {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name === 'Timeout' || name.includes('TCP') || name.includes('TLS')).length;
}
