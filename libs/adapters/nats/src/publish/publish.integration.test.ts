import { runWithTraceparent } from '@windlass/telemetry';
import { describe, expect, it } from 'vitest';
import { StreamKind, streamName } from '../names.ts';
import { deploymentStreams } from '../streams/definitions.ts';
import { ensureStreams } from '../streams/ensure.ts';
import { openBus, ownNats, streamState, testPrefix, testStack, wake } from '../testing/harness.ts';
import { publish, publishMany } from './publish.ts';

describe('publish', () => {
  it('stores a message once, however often it is published with its id', async () => {
    const { bus, prefix } = await testStack();
    const outcomes = [];
    for (let time = 0; time < 3; time += 1) outcomes.push(await publish(bus, wake(prefix, 'web')));
    const stream = streamName(prefix, StreamKind.Revisions);
    expect(outcomes).toEqual([
      { ok: true, value: { stream, sequence: 1, duplicate: false } },
      { ok: true, value: { stream, sequence: 1, duplicate: true } },
      { ok: true, value: { stream, sequence: 1, duplicate: true } },
    ]);
    expect((await streamState(bus, stream)).messages).toBe(1);
  });

  it('sends type, id, content type and trace context as headers', async () => {
    const { bus, prefix } = await testStack();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await runWithTraceparent(traceparent, () => publish(bus, wake(prefix, 'a')));
    await publish(bus, { ...wake(prefix, 'b'), traceparent: null });
    const stream = streamName(prefix, StreamKind.Revisions);
    const { streams } = bus.internal.link.attachment!.manager;
    const first = await streams.getMessage(stream, { seq: 1 });
    expect(
      Object.fromEntries(first.header.keys().map((key) => [key, first.header.get(key)])),
    ).toEqual({
      'Windlass-Type': 'windlass.deployment.v1.RevisionWake',
      'Content-Type': 'application/protobuf',
      'Nats-Msg-Id': 'a-1',
      traceparent,
    });
    const second = await streams.getMessage(stream, { seq: 2 });
    expect(second.header.get('traceparent')).toBe('');
  });

  it('reports each message of a batch by itself', async () => {
    const { bus, prefix } = await testStack();
    const batch = Array.from({ length: 1_000 }, (_, index) => wake(prefix, `web-${index}`));
    batch[500] = { ...batch[500]!, payload: new Uint8Array(20_000) };
    const outcomes = await publishMany(bus, batch);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(999);
    expect(outcomes[500]).toMatchObject({ ok: false, error: { kind: 'refused' } });
    const { messages } = await streamState(bus, streamName(prefix, StreamKind.Revisions));
    expect(messages).toBe(999);
  });

  it('refuses instead of dropping older wake-ups when REVISIONS is full', async () => {
    const { bus, prefix } = await testStack();
    const stream = streamName(prefix, StreamKind.Revisions);
    await bus.internal.link.attachment!.manager.streams.update(stream, { max_bytes: 2_000 });
    const batch = Array.from({ length: 50 }, (_, index) => wake(prefix, `web-${index}`));
    const outcomes = await publishMany(bus, batch);
    const stored = outcomes.filter((outcome) => outcome.ok).length;
    expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject({ error: { kind: 'full' } });
    expect((await streamState(bus, stream)).messages).toBe(stored);
    expect(stored).toBeGreaterThan(0);
  });

  it('gives up at its deadline where no stream takes the subject', async () => {
    const { url, prefix } = await testPrefix();
    const bus = await openBus(url);
    const startedMs = performance.now();
    const outcome = await publish(bus, { ...wake(prefix, 'web'), deadlineMs: 700 });
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  it('makes a stream again that has vanished since it was ensured', async () => {
    const { bus, prefix } = await testStack();
    const stream = streamName(prefix, StreamKind.Revisions);
    await bus.internal.link.attachment!.manager.streams.delete(stream);
    expect(await publish(bus, wake(prefix, 'web'))).toMatchObject({ ok: true });
    expect(bus.logged('nats_streams_restored')).toHaveLength(1);
  });

  it('waits for a server that restarts, and stores each message once', async () => {
    const server = await ownNats();
    const bus = await openBus(server.url);
    const prefix = 'stack';
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    const wave = (number: number) =>
      publishMany(
        bus,
        Array.from({ length: 500 }, (_, index) => wake(prefix, `web-${number}-${index}`)),
      );
    const outcomes = [...(await wave(0))];
    const publishing = Promise.all([wave(1), wave(2), wave(3)]);
    await server.current().process.kill();
    await server.restart();
    outcomes.push(...(await publishing).flat());
    outcomes.push(...(await wave(4)));
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([]);
    expect(bus.logged('nats_connection_lost')).toHaveLength(1);
    const { messages } = await streamState(bus, streamName(prefix, StreamKind.Revisions));
    expect(messages).toBe(2_500);
  });

  it('holds no more messages than its bound while there is no server', async () => {
    const server = await ownNats();
    const bus = await openBus(server.url);
    const prefix = 'stack';
    await ensureStreams(bus, deploymentStreams(prefix, 1));
    await server.current().process.kill();
    const batch = Array.from({ length: 6_000 }, (_, index) => ({
      ...wake(prefix, `web-${index}`),
      deadlineMs: 500,
    }));
    const outcomes = await publishMany(bus, batch);
    const kinds = Map.groupBy(outcomes, (outcome) => (outcome.ok ? 'ok' : outcome.error.kind));
    expect(kinds.get('full')).toHaveLength(6_000 - 256 - 4_096);
    expect(kinds.get('unavailable')).toHaveLength(256 + 4_096);
  });
});
