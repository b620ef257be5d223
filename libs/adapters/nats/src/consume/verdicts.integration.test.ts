/** What becomes of a message by each verdict, on a real server. */
import { create } from '@bufbuild/protobuf';
import { DeadLetterSchema, RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import { currentTraceparent } from '@windlass/telemetry';
import { eventually } from '@windlass/testkit';
import { headers as newHeaders } from 'nats';
import { describe, expect, it } from 'vitest';
import { deadLetterOf, publishDeadLetter } from '../dead-letters.ts';
import { decodeMessage, encodeMessage, type ReceivedMessage } from '../message.ts';
import { StreamKind, streamName, subjects } from '../names.ts';
import { publish } from '../publish/publish.ts';
import { consumeRevisions, managerOf, streamState, testStack, wake } from '../testing/harness.ts';
import { typedHandler } from './typed.ts';

async function setUp() {
  const { bus, prefix } = await testStack();
  const stream = streamName(prefix, StreamKind.Revisions);
  const deadLetters = streamName(prefix, StreamKind.DeadLetters);
  const isEmpty = () =>
    eventually(async () => expect((await streamState(bus, stream)).messages).toBe(0));
  const letter = async (sequence: number) => {
    const stored = await (await managerOf(bus)).streams.getMessage(deadLetters, { seq: sequence });
    const decoded = decodeMessage(DeadLetterSchema, {
      type: stored.header.get('Windlass-Type'),
      payload: stored.data,
    });
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.value;
  };
  const bury = (message: ReceivedMessage, reason: string) =>
    publishDeadLetter(bus, prefix, deadLetterOf(message, reason, message.deliveries));
  return { bus, prefix, stream, deadLetters, isEmpty, letter, bury };
}

describe('ack', () => {
  it('hands over the message under its trace, and removes it', async () => {
    const { bus, prefix, stream, isEmpty } = await setUp();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await publish(bus, { ...wake(prefix, 'web', 7), traceparent });
    const seen: unknown[] = [];
    consumeRevisions(bus, prefix, {
      handle: typedHandler(RevisionWakeSchema, async (value, message, context) => {
        seen.push(value.identifier, value.revision, currentTraceparent());
        seen.push(message.stream, message.sequence, message.id, context.delivery);
        return { kind: 'ack' };
      }),
    });
    await isEmpty();
    expect(seen).toEqual(['web', 7n, traceparent, stream, 1, 'web-7', 1]);
  });
});

describe('retry', () => {
  it('delivers again with growing delays, and gives up after the last delivery', async () => {
    const { bus, prefix, letter, isEmpty, bury } = await setUp();
    await publish(bus, wake(prefix, 'web', 7));
    const times: number[] = [];
    consumeRevisions(bus, prefix, {
      deliveriesMax: 5,
      backoff: { initialMs: 80, maxMs: 10_000 },
      handle: async (_message, context) => {
        times.push(performance.now());
        expect(context.delivery).toBe(times.length);
        return { kind: 'retry', reason: 'the API server is away' };
      },
      onDeadLetter: bury,
    });
    await isEmpty();
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps).toHaveLength(4);
    // 80, 160, 320, 640, each with half of it random; above that, what a busy machine adds.
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThan((80 * 2 ** index) / 2 - 1);
      expect(gap).toBeLessThan(80 * 2 ** index + 1_000);
    }
    expect(await letter(1)).toMatchObject({
      identifier: 'web',
      revision: 7n,
      attempts: 5,
      reason: 'given up after 5 deliveries: the API server is away',
    });
  });

  it('is what a throwing handler gets, and its error is logged once per delivery', async () => {
    const { bus, prefix, isEmpty } = await setUp();
    await publish(bus, wake(prefix, 'web'));
    consumeRevisions(bus, prefix, {
      handle: async (_message, { delivery }) => {
        if (delivery < 3) throw new TypeError('a bug');
        return { kind: 'ack' };
      },
    });
    await isEmpty();
    const lines = bus.logged('nats_handler_failed');
    expect(lines.map((line) => line['deliveries'])).toEqual([1, 2]);
    expect(JSON.stringify(lines[0])).toContain('a bug');
  });
});

describe('dead', () => {
  it('keeps the message as a dead letter before it removes it', async () => {
    const { bus, prefix, stream, deadLetters, letter, isEmpty, bury } = await setUp();
    await publish(bus, wake(prefix, 'web', 3));
    const states: number[] = [];
    consumeRevisions(bus, prefix, {
      handle: async () => ({ kind: 'dead', reason: 'the spec is refused' }),
      onDeadLetter: async (message, reason) => {
        await bury(message, reason);
        states.push((await streamState(bus, deadLetters)).messages);
        states.push((await streamState(bus, stream)).messages);
      },
    });
    await isEmpty();
    expect(states).toEqual([1, 1]);
    const kept = await letter(1);
    expect(kept).toMatchObject({
      stream,
      consumer: 'worker',
      streamSequence: 1n,
      subject: subjects.revision(prefix, 'web'),
      reason: 'the spec is refused',
      identifier: 'web',
      revision: 3n,
    });
    expect(
      decodeMessage(RevisionWakeSchema, {
        type: RevisionWakeSchema.typeName,
        payload: kept.payload,
      }),
    ).toMatchObject({ ok: true, value: { identifier: 'web' } });
  });

  it('does not remove the message while its dead letter can not be kept', async () => {
    const { bus, prefix, stream, isEmpty, bury } = await setUp();
    await publish(bus, wake(prefix, 'web'));
    const present: number[] = [];
    consumeRevisions(bus, prefix, {
      handle: async () => ({ kind: 'dead', reason: 'no' }),
      onDeadLetter: async (message, reason) => {
        present.push((await streamState(bus, stream)).messages);
        if (present.length < 3) throw new Error('the database is away');
        await bury(message, reason);
      },
    });
    await isEmpty();
    expect(present).toEqual([1, 1, 1]);
    expect(bus.logged('nats_dead_letter_failed')).toHaveLength(2);
  });

  it('keeps a letter once, however often it is published', async () => {
    const { bus, prefix, deadLetters } = await setUp();
    const message = { stream: 'S', consumer: 'c', sequence: 9, subject: 's', deliveries: 1 };
    const received: ReceivedMessage = {
      ...message,
      type: '',
      id: '',
      payload: new Uint8Array(),
      traceparent: null,
      storedAtMs: 0,
    };
    for (let time = 0; time < 3; time += 1) {
      await publishDeadLetter(bus, prefix, deadLetterOf(received, 'no', 1));
    }
    const revision = { stream: '', identifier: 'web', revision: 4n, reason: 'no' };
    for (let time = 0; time < 3; time += 1) {
      await publishDeadLetter(bus, prefix, create(DeadLetterSchema, revision));
    }
    expect((await streamState(bus, deadLetters)).subjects).toEqual({
      [subjects.deadLetter(prefix, 'S')]: 1,
      [subjects.deadLetter(prefix, 'revision')]: 1,
    });
  });
});

describe('messages that can not be read', () => {
  it('become dead letters at once, and hold up nothing', async () => {
    const { bus, prefix, deadLetters, isEmpty, letter, bury } = await setUp();
    const good = wake(prefix, 'good');
    await publish(bus, { ...wake(prefix, 'bytes'), payload: Uint8Array.of(0x0a, 0xff, 0x01) });
    await publish(bus, { ...wake(prefix, 'type'), type: 'windlass.deployment.v9.Unheard' });
    // The client refuses to send such a name, and throws when it reads one.
    const odd = Object.assign(newHeaders(), {
      encode: () => new TextEncoder().encode('NATS/1.0\r\nWindlass-Tüpe: x\r\n\r\n'),
    });
    bus.connection.publish(subjects.revision(prefix, 'headers'), good.payload, { headers: odd });
    bus.connection.publish(subjects.revision(prefix, 'none'));
    await publish(bus, good);
    const handled: string[] = [];
    consumeRevisions(bus, prefix, {
      handle: typedHandler(RevisionWakeSchema, async ({ identifier }) => {
        handled.push(identifier);
        return { kind: 'ack' };
      }),
      onDeadLetter: bury,
    });
    await isEmpty();
    expect(handled).toEqual(['good']);
    expect((await streamState(bus, deadLetters)).messages).toBe(4);
    const letters = await Promise.all([1, 2, 3, 4].map(letter));
    const reasons = Object.fromEntries(
      letters.map(({ subject, reason }) => [subject.split('.').at(-1), reason]),
    );
    expect(reasons).toEqual({
      bytes: expect.stringContaining('its 3 bytes are no windlass.deployment.v1.RevisionWake'),
      type: 'its type is "windlass.deployment.v9.Unheard", not windlass.deployment.v1.RevisionWake',
      headers: expect.stringContaining('its headers are broken'),
      none: 'its type is "", not windlass.deployment.v1.RevisionWake',
    });
    expect(letters.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1]);
  });

  it('are not those of a newer sender: fields it added are ignored', async () => {
    const { bus, prefix, isEmpty } = await setUp();
    const { payload, type } = encodeMessage(RevisionWakeSchema, { identifier: 'web' });
    // Field 99, a string, and field 100, a varint.
    const added = Uint8Array.of(0x9a, 0x06, 0x03, 0x6e, 0x65, 0x77, 0xa0, 0x06, 0x2a);
    const newer = Uint8Array.from([...payload, ...added]);
    await publish(bus, { ...wake(prefix, 'web'), type, payload: newer });
    const handled: string[] = [];
    consumeRevisions(bus, prefix, {
      handle: typedHandler(RevisionWakeSchema, async ({ identifier }) => {
        handled.push(identifier);
        return { kind: 'ack' };
      }),
      onDeadLetter: async (_message, reason) => expect.fail(reason),
    });
    await isEmpty();
    expect(handled).toEqual(['web']);
  });
});
