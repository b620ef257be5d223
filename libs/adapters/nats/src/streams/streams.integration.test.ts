import { describe, expect, it } from 'vitest';
import { StreamKind, streamName } from '../names.ts';
import { openBus, streamState, testPrefix, testStack } from '../testing/harness.ts';
import { deploymentStreams } from './definitions.ts';
import { ensureStreams } from './ensure.ts';

describe('ensureStreams', () => {
  it('is safe when many processes start at once', async () => {
    const { url, prefix } = await testPrefix();
    const buses = await Promise.all(Array.from({ length: 8 }, () => openBus(url)));
    const definitions = deploymentStreams(prefix, 1);
    const outcomes = await Promise.all(buses.map((bus) => ensureStreams(bus, definitions)));
    expect(outcomes.flat().filter((outcome) => outcome === 'updated')).toEqual([]);
    const [bus] = buses;
    for (const { name } of definitions) {
      const { config } = await streamState(bus!, name);
      expect(config.storage).toBe('file');
    }
    expect(await ensureStreams(bus!, definitions)).toEqual(definitions.map(() => 'unchanged'));
  });

  it('raises a bound that is lower, and keeps one that is higher', async () => {
    const { bus, prefix } = await testStack();
    const name = streamName(prefix, StreamKind.Revisions);
    const { manager } = bus.internal.link.attachment!;
    await manager.streams.update(name, { max_bytes: 1_000_000, max_age: 30 * 86_400 * 1e9 });
    const [outcome] = await ensureStreams(bus, deploymentStreams(prefix, 1));
    expect(outcome).toBe('updated');
    const { config } = await streamState(bus, name);
    expect(config.max_bytes).toBe(64 * 1_024 * 1_024);
    expect(config.max_age).toBe(30 * 86_400 * 1e9);
    expect(bus.logged('nats_stream_bounds_kept')).toMatchObject([
      { stream: name, fields: ['max_age'] },
    ]);
  });

  it('refuses a stream that is something else, and leaves it as it is', async () => {
    const { url, prefix } = await testPrefix();
    const bus = await openBus(url);
    const definitions = deploymentStreams(prefix, 1);
    const { manager } = bus.internal.link.attachment!;
    const name = streamName(prefix, StreamKind.Sync);
    await manager.streams.add({ name, subjects: [`${prefix}.deployments.sync.*.*`] });
    await expect(ensureStreams(bus, definitions)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('max_msgs_per_subject is -1, not 1'),
    });
    expect((await streamState(bus, name)).config.retention).toBe('limits');
  });

  it('says so within its deadline when there is no JetStream for the replicas', async () => {
    const { url, prefix } = await testPrefix();
    const bus = await openBus(url);
    await expect(ensureStreams(bus, deploymentStreams(prefix, 3), 2_000)).rejects.toMatchObject({
      message: expect.stringContaining('could not be made'),
    });
  });
});
