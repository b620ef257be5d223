/** Messages whose consumers died each time, on a real server. */
import { DeadLetterSchema } from '@windlass/proto/deployment/v1';
import { eventually } from '@windlass/testkit';
import { AckPolicy, nanos } from 'nats';
import { describe, expect, it } from 'vitest';
import { deadLetterOf, publishDeadLetter } from './dead-letters.ts';
import { watchMaxDeliveries } from './max-deliveries.ts';
import { decodeMessage, type ReceivedMessage } from './message.ts';
import { StreamKind, streamName } from './names.ts';
import { publish } from './publish/publish.ts';
import {
  afterTest,
  consumeRevisions,
  managerOf,
  streamState,
  testStack,
  wake,
} from './testing/harness.ts';

async function setUp() {
  const { bus, prefix } = await testStack();
  const stream = streamName(prefix, StreamKind.Revisions);
  const manager = await managerOf(bus);
  await manager.consumers.add(stream, {
    durable_name: 'worker',
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(300),
    max_deliver: 3,
  });
  const handled: string[] = [];
  /**
   * Takes a message three times and never answers, as a process that dies each time. Then there is a
   * sound one: the server looks at the number of deliveries only when somebody asks for messages.
   */
  const crash = async () => {
    for (let each = 0; each < 3; each += 1) await bus.jetstream.pull(stream, 'worker', 5_000);
    consumeRevisions(bus, prefix, {
      ackWaitMs: 300,
      deliveriesMax: 3,
      handle: async ({ subject }) => {
        handled.push(subject);
        return { kind: 'ack' };
      },
    });
  };
  const watch = (
    onDeadLetter: (message: ReceivedMessage, reason: string, attempts: number) => Promise<void>,
  ) => {
    const watching = watchMaxDeliveries(bus, { prefix, onDeadLetter });
    afterTest(() => watching.stop(0));
    return watching;
  };
  const messages = async (kind: StreamKind) =>
    (await streamState(bus, streamName(prefix, kind))).messages;
  return { bus, prefix, stream, handled, crash, watch, messages, manager };
}

describe('watchMaxDeliveries', () => {
  it('keeps a message that was never answered as a dead letter, and removes it', async () => {
    const { bus, prefix, stream, handled, crash, watch, messages, manager } = await setUp();
    await publish(bus, wake(prefix, 'web', 5));
    await crash();
    await eventually(async () => expect(await messages('ADVISORIES')).toBe(1));
    // That is why there has to be a backstop: the work queue keeps it for ever.
    expect(await messages('REVISIONS')).toBe(1);
    watch((message, reason, attempts) =>
      publishDeadLetter(bus, prefix, deadLetterOf(message, reason, attempts)),
    );
    await eventually(async () => expect(await messages('REVISIONS')).toBe(0));
    await eventually(async () => expect(await messages('ADVISORIES')).toBe(0));
    expect(handled).toEqual([]);
    const stored = await manager.streams.getMessage(streamName(prefix, 'DEAD_LETTERS'), { seq: 1 });
    expect(
      decodeMessage(DeadLetterSchema, { type: DeadLetterSchema.typeName, payload: stored.data }),
    ).toMatchObject({
      ok: true,
      value: {
        stream,
        consumer: 'worker',
        streamSequence: 1n,
        identifier: 'web',
        revision: 5n,
        attempts: 3,
        reason: 'no verdict after 3 deliveries',
      },
    });
  });

  it('takes over where a dead letter could not be kept after the last delivery', async () => {
    const { bus, prefix, watch, messages } = await setUp();
    await publish(bus, wake(prefix, 'web'));
    let tries = 0;
    consumeRevisions(bus, prefix, {
      ackWaitMs: 300,
      deliveriesMax: 2,
      handle: async () => ({ kind: 'retry', reason: 'later' }),
      onDeadLetter: async () => {
        tries += 1;
        throw new Error('the database is away');
      },
    });
    await eventually(async () => expect(await messages('ADVISORIES')).toBe(1));
    expect(tries).toBe(1);
    const seen: string[] = [];
    watch(async ({ subject }, reason) => void seen.push(`${subject}: ${reason}`));
    await eventually(async () => expect(await messages('REVISIONS')).toBe(0));
    expect(seen).toEqual([`${prefix}.deployments.revisions.web: no verdict after 2 deliveries`]);
  });

  it('leaves the message where it is until its dead letter is kept', async () => {
    const { bus, prefix, crash, watch, messages } = await setUp();
    await publish(bus, wake(prefix, 'web'));
    await crash();
    const present: number[] = [];
    watch(async () => {
      present.push(await messages('REVISIONS'));
      if (present.length === 1) throw new Error('the database is away');
    });
    await eventually(async () => expect(await messages('REVISIONS')).toBe(0));
    expect(present).toEqual([1, 1]);
  });

  it('has nothing to do for a message that was acknowledged after all', async () => {
    const { bus, prefix, stream, crash, watch, messages, manager } = await setUp();
    await publish(bus, wake(prefix, 'web'));
    await crash();
    await eventually(async () => expect(await messages('ADVISORIES')).toBe(1));
    await manager.streams.deleteMessage(stream, 1);
    const seen: unknown[] = [];
    watch(async (message) => void seen.push(message));
    await eventually(async () => expect(await messages('ADVISORIES')).toBe(0));
    expect(seen).toEqual([]);
  });

  it('survives an advisory that it can not read', async () => {
    const { bus, prefix, stream, crash, watch, messages } = await setUp();
    bus.connection.publish(
      `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.worker`,
      '{"type":"other"}',
    );
    await publish(bus, wake(prefix, 'web'));
    await crash();
    const seen: string[] = [];
    watch(async ({ subject }) => void seen.push(subject));
    await eventually(() => expect(seen).toEqual([`${prefix}.deployments.revisions.web`]));
    await eventually(async () => expect(await messages('ADVISORIES')).toBe(0));
    expect(bus.logged('nats_advisory_given_up')).toHaveLength(1);
  });
});
