/** A Deployment's name waits at most once, and no change of it is lost. On a real server. */
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type DeploymentWake, DeploymentWakeSchema } from '@windlass/proto/deployment/v1';
import { eventually } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../message.ts';
import { StreamKind, streamName, subjects } from '../names.ts';
import { publish } from '../publish/publish.ts';
import { afterTest, managerOf, streamState, testStack } from '../testing/harness.ts';
import { type ConsumeOptions, consume } from './consume.ts';
import { typedHandler } from './typed.ts';

async function setUp() {
  const { bus, prefix } = await testStack();
  const stream = streamName(prefix, StreamKind.Sync);
  const changed = (name: string, version: number) =>
    publish(bus, {
      subject: subjects.sync(prefix, 'default', name),
      id: `${name}:${version}`,
      ...encodeMessage(DeploymentWakeSchema, {
        namespace: 'default',
        name,
        seenAt: timestampFromMs(version),
      }),
    });
  const start = (handle: ConsumeOptions['handle'], ackWaitMs = 5_000) => {
    const consumption = consume(bus, {
      stream,
      consumer: 'worker',
      concurrency: 4,
      ackWaitMs,
      deliveriesMax: 5,
      backoff: { initialMs: 20, maxMs: 100 },
      handle,
      onDeadLetter: async () => undefined,
    });
    afterTest(() => consumption.stop(0));
  };
  const waiting = async () => (await streamState(bus, stream)).messages;
  const info = async () => (await managerOf(bus)).consumers.info(stream, 'worker');
  return { changed, start, waiting, info };
}

const version = (value: DeploymentWake) =>
  Number(value.seenAt?.seconds ?? 0n) * 1_000 + (value.seenAt?.nanos ?? 0) / 1e6;

describe('SYNC', () => {
  it('delivers a name once however often it changed while it waited', async () => {
    const { changed, start, waiting } = await setUp();
    for (let each = 1; each <= 20; each += 1) await changed('web', each);
    await changed('api', 1);
    expect(await waiting()).toBe(2);
    const handled: (string | number)[][] = [];
    start(
      typedHandler(DeploymentWakeSchema, async (value) => {
        handled.push([value.name, version(value)]);
        return { kind: 'ack' };
      }),
    );
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(handled.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
      ['api', 1],
      ['web', 20],
    ]);
  });

  it('delivers a change that comes while its name is being handled', async () => {
    const { changed, start, waiting, info } = await setUp();
    await changed('web', 1);
    const handled: number[] = [];
    const first = Promise.withResolvers<void>();
    start(
      typedHandler(DeploymentWakeSchema, async (value) => {
        handled.push(version(value));
        if (version(value) === 1) await first.promise;
        return { kind: 'ack' };
      }),
    );
    await eventually(() => expect(handled).toEqual([1]));
    for (const each of [2, 3, 4]) await changed('web', each);
    await eventually(() => expect(handled.at(-1)).toBe(4));
    // The acknowledgement of the replaced message must not remove what came after it.
    await changed('api', 1);
    first.resolve();
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(handled).toContain(4);
    await eventually(async () =>
      expect(await info()).toMatchObject({ num_ack_pending: 0, num_pending: 0 }),
    );
  });

  it('keeps a change while the message that it replaced is acknowledged', async () => {
    const { changed, start, waiting, info } = await setUp();
    await changed('web', 1);
    const handled: number[] = [];
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    afterTest(async () => gates.forEach(({ resolve }) => resolve()));
    start(
      typedHandler(DeploymentWakeSchema, async (value) => {
        handled.push(version(value));
        await gates[handled.length - 1]?.promise;
        return { kind: 'ack' };
      }),
    );
    await eventually(() => expect(handled).toEqual([1]));
    await changed('web', 2);
    await eventually(() => expect(handled).toEqual([1, 2]));
    gates[0]?.resolve();
    // The first is acknowledged while the second, which replaced it, is still being handled.
    await eventually(async () => expect((await info()).num_ack_pending).toBe(1));
    expect(await waiting()).toBe(1);
    gates[1]?.resolve();
    await eventually(async () => expect(await waiting()).toBe(0));
  });

  it('does not deliver a replaced message again, when its handler asks for a retry', async () => {
    const { changed, start, waiting, info } = await setUp();
    await changed('web', 1);
    const handled: string[] = [];
    start(
      typedHandler(DeploymentWakeSchema, async (value, _message, { delivery }) => {
        handled.push(`${version(value)}/${delivery}`);
        if (version(value) > 1) return { kind: 'ack' };
        await changed('web', 2);
        return { kind: 'retry', reason: 'not now', delayMs: 0 };
      }),
    );
    await eventually(async () => expect(await waiting()).toBe(0));
    await eventually(async () =>
      expect(await info()).toMatchObject({ num_ack_pending: 0, num_pending: 0 }),
    );
    expect(handled).toEqual(['1/1', '2/1']);
  });
});
