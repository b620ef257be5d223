import { fromBinary } from '@bufbuild/protobuf';
import { RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import { eventually, ownServer, startNats, testNats, testPostgres } from '@windlass/testkit';
import { connect } from 'nats';
import { describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

const create = '/api/v1/deployments/requests/create';

/** Accepts some requests; gives their identifiers. */
async function accepted(api: TestApi, prefix: string, count: number): Promise<readonly string[]> {
  const identifiers = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  await Promise.all(
    identifiers.map(async (identifier) => {
      const body = { identifier, image: 'nginx:1.27' };
      expect((await api.call('alice', 'POST', create, { body })).status).toBe(202);
    }),
  );
  return identifiers;
}

/** What lies in the stream of revisions: identifiers in their order, and the ids of the messages. */
async function relayed(url: string, prefix: string) {
  const connection = await connect({ servers: url });
  try {
    const manager = await connection.jetstreamManager();
    const stream = `${prefix.toUpperCase()}_REVISIONS`;
    const { state } = await manager.streams.info(stream);
    const wakes = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
      const message = await manager.streams.getMessage(stream, { seq });
      wakes.push({
        identifier: fromBinary(RevisionWakeSchema, message.data).identifier,
        id: message.header.get('Nats-Msg-Id'),
        traceparent: message.header.get('traceparent'),
      });
    }
    return wakes;
  } finally {
    await connection.close();
  }
}

describe('the relay', () => {
  it('publishes every accepted revision once, with its trace', async () => {
    const nats = await testNats();
    const api = await startTestApi({ nats });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const body = { identifier: 'traced', image: 'nginx:1.27' };
    await api.call('alice', 'POST', create, { body, headers: { traceparent } });
    await api.call('alice', 'POST', '/api/v1/deployments/traced/restart', {
      headers: { traceparent },
    });
    await eventually(async () => {
      const wakes = await relayed(nats.url, nats.prefix);
      expect(wakes.map(({ identifier }) => identifier)).toEqual(['traced', 'traced']);
      expect(wakes[0]?.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
    });
    expect(await api.store.outboxLag()).toEqual({ oldestMs: 0, unsent: 0 });
    await api.stop();
    await nats.drop();
  });

  it('is safe with several processes at one outbox', async () => {
    const [nats, database] = [await testNats(), await testPostgres()];
    const options = { nats, databaseUrl: database.url };
    const apis = await Promise.all([1, 2, 3].map(() => startTestApi(options)));
    const made = await Promise.all(apis.map((api, index) => accepted(api, `many-${index}`, 40)));
    await eventually(async () => {
      const wakes = await relayed(nats.url, nats.prefix);
      const names = wakes.map(({ identifier }) => identifier);
      expect(names.toSorted()).toEqual(made.flat().toSorted());
      expect(new Set(wakes.map(({ id }) => id)).size).toBe(names.length);
    });
    for (const api of apis) await api.stop();
    await nats.drop();
    await database.drop();
  });

  it('keeps what is accepted while NATS is away, and publishes it when it is back', async () => {
    const own = await ownServer(startNats, {});
    const nats = { url: own.current().url, prefix: 'away' };
    const api = await startTestApi({ nats });
    const before = await accepted(api, 'before', 3);
    await eventually(async () => expect(await relayed(nats.url, nats.prefix)).toHaveLength(3));
    await own.current().process.kill();
    const during = await accepted(api, 'during', 20);
    expect((await api.store.outboxLag()).unsent).toBe(20);
    expect((await api.call(null, 'GET', '/ready')).status).toBe(200);
    await own.restart();
    await eventually(
      async () => {
        const names = (await relayed(nats.url, nats.prefix)).map(({ identifier }) => identifier);
        expect(new Set(names)).toEqual(new Set([...before, ...during]));
        expect(names).toHaveLength(23);
      },
      { deadlineMs: 30_000 },
    );
    expect((await api.store.outboxLag()).unsent).toBe(0);
    const after = await accepted(api, 'after', 1);
    await eventually(async () => {
      const names = (await relayed(nats.url, nats.prefix)).map(({ identifier }) => identifier);
      expect(names.at(-1)).toBe(after[0]);
    });
    await api.stop();
    await own.drop();
  });

  it('starts without NATS, takes requests, and connects later', async () => {
    const own = await ownServer(startNats, {});
    const nats = { url: own.current().url, prefix: 'later' };
    await own.current().process.kill();
    const api = await startTestApi({ nats });
    const made = await accepted(api, 'early', 5);
    await own.restart();
    await eventually(
      async () => {
        const names = (await relayed(nats.url, nats.prefix)).map(({ identifier }) => identifier);
        expect(names.toSorted()).toEqual([...made].toSorted());
      },
      { deadlineMs: 30_000 },
    );
    await api.stop();
    await own.drop();
  });

  it('measures the lag', async () => {
    const api = await startTestApi({ nats: null });
    await accepted(api, 'lagging', 2);
    const ready = await api.call(null, 'GET', '/ready');
    expect([ready.status, ready.body]).toEqual([
      200,
      { status: 'ready', dependencies: { nats: 'unavailable', postgres: 'ready' } },
    ]);
    await eventually(
      async () => {
        const text = await api.metrics.text();
        expect(text).toMatch(/windlass_outbox_unsent\{[^}]*\} 2/);
        expect(text).toMatch(/windlass_outbox_oldest_seconds\{[^}]*\} (?!0$)[0-9.]+/m);
      },
      { deadlineMs: 15_000 },
    );
    await api.stop();
  });
});
