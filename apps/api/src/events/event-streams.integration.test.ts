import { eventually, testNats, testPostgres } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSse, type SseClient, type SseEvent } from '../testing/sse-client.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { endOldest, showDeployment } from '../testing/worker-stand-in.ts';

const create = '/api/v1/deployments/requests/create';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ env: { QUOTA_DEPLOYMENTS_MAX: '0', QUOTA_REPLICAS_MAX: '0' } });
});
afterAll(() => api.stop());

let serial = 0;
const name = (what: string) => `${what}-${(serial += 1)}`;

const follow = (user: string, query = '', headers: Record<string, string> = {}, of = api) =>
  openSse(`${of.url}/api/v1/events${query}`, user, headers);

async function created(user: string, identifier = name('web'), of = api) {
  const body = { identifier, image: 'nginx:1.27' };
  const answer = await of.call(user, 'POST', create, { body });
  expect(answer.status).toBe(202);
  return answer.body;
}

/** What a stream told, without the frame that opens it. */
function told(client: Pick<SseClient, 'events'>): readonly SseEvent[] {
  return client.events.filter(({ event }) => event !== 'ready');
}

function identifiersOf(client: SseClient): readonly string[] {
  return told(client).map(({ data }) => data.identifier);
}

describe('event streams', () => {
  it('tell what happens to what the caller owns, and nothing of others', async () => {
    const user = name('follower');
    const client = await follow(user);
    expect(client.status).toBe(200);
    expect(client.headers['content-type']).toContain('text/event-stream');
    expect(client.headers['cache-control']).toBe('no-store');
    await created('somebody-else');
    const request = await created(user);
    await endOldest(api.store, request.identifier);
    await showDeployment(api.store, request);
    await eventually(() => expect(told(client)).toHaveLength(3));
    expect(told(client).map(({ event }) => event)).toEqual([
      'request.created',
      'request.succeeded',
      'deployment.changed',
    ]);
    expect(told(client)[0]).toMatchObject({
      id: expect.any(String),
      data: { type: 'request.created', identifier: request.identifier, requestId: request.id },
    });
    expect(client.events[0]?.event).toBe('ready');
    client.close();
  });

  it('can be narrowed to one request or one deployment; admins see everybody', async () => {
    const user = name('follower');
    const one = await created(user);
    const two = await created(user);
    const ofRequest = await follow(user, `?request=${one.id}`);
    const ofDeployment = await follow(user, `?deployment=${two.identifier}`);
    const ofAll = await follow('root');
    await endOldest(api.store, one.identifier);
    await endOldest(api.store, two.identifier);
    await eventually(() => expect(identifiersOf(ofRequest)).toEqual([one.identifier]));
    await eventually(() => expect(identifiersOf(ofDeployment)).toEqual([two.identifier]));
    await eventually(() =>
      expect(identifiersOf(ofAll)).toEqual(
        expect.arrayContaining([one.identifier, two.identifier]),
      ),
    );
    for (const client of [ofRequest, ofDeployment, ofAll]) client.close();
  });

  it('send heartbeats while nothing happens', async () => {
    const client = await follow(name('quiet'));
    await eventually(() => expect(client.comments()).toBeGreaterThanOrEqual(2));
    client.close();
  });

  it('resume after Last-Event-ID, by header and by query', async () => {
    const user = name('resumer');
    const first = await follow(user);
    await created(user);
    await eventually(() => expect(told(first)).toHaveLength(1));
    first.close();
    const seen = told(first)[0]?.id ?? '';
    const missed = await created(user);
    const byHeader = await follow(user, '', { 'last-event-id': seen });
    const byQuery = await follow(user, `?lastEventId=${seen}`);
    for (const client of [byHeader, byQuery]) {
      await eventually(() =>
        expect(told(client).map(({ data }) => data.identifier)).toEqual([missed.identifier]),
      );
      client.close();
    }
  });

  it('resume from the ready event of a stream that saw nothing', async () => {
    const user = name('resumer');
    const first = await follow(user);
    await eventually(() => first.events.length === 1);
    first.close();
    const missed = await created(user);
    const again = await follow(user, '', { 'last-event-id': first.events[0]?.id ?? '' });
    await eventually(() =>
      expect(told(again).map(({ data }) => data.identifier)).toEqual([missed.identifier]),
    );
    again.close();
  });

  it('lose and double nothing while being cut and resumed under concurrent writes', async () => {
    const user = name('resumer');
    const identifiers = Array.from({ length: 150 }, () => name('busy'));
    const seen: SseEvent[] = [];
    const progress = { writing: true };
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let index = writer; index < identifiers.length; index += 6) {
        await created(user, identifiers[index] ?? '');
      }
    });
    const written = Promise.all(writers).then(() => (progress.writing = false));
    const start = await follow(user, `?lastEventId=0-0`);
    let client = start;
    let cuts = 0;
    while (progress.writing || seen.length < identifiers.length) {
      const before = seen.length;
      await eventually(() => client.events.length > 1 || !progress.writing, { deadlineMs: 20_000 });
      client.close();
      seen.push(...told(client));
      cuts += 1;
      const last = seen.at(-1)?.id ?? client.events[0]?.id ?? '';
      client = await follow(user, '', { 'last-event-id': last });
      if (!progress.writing && seen.length === before) {
        await eventually(() => seen.length + told(client).length >= identifiers.length);
      }
    }
    client.close();
    await written;
    expect(cuts).toBeGreaterThan(2);
    const names = seen.map(({ data }) => data.identifier);
    expect(new Set(names)).toEqual(new Set(identifiers));
    expect(names).toHaveLength(identifiers.length);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  });

  it('tell a gap where the id is older than what is kept, or none of ours', async () => {
    const user = name('late');
    for (const lastEventId of ['nonsense', '99999999999999-1']) {
      const client = await follow(user, '', { 'last-event-id': lastEventId });
      await eventually(() => expect(client.events.map(({ event }) => event)).toContain('gap'));
      const request = await created(user);
      await eventually(() => expect(told(client).at(-1)?.data.identifier).toBe(request.identifier));
      client.close();
    }
  });

  it('hear of what other processes did', async () => {
    const database = await testPostgres();
    const nats = await testNats();
    const both = { databaseUrl: database.url, nats };
    const [here, there] = [await startTestApi(both), await startTestApi(both)];
    const client = await follow('alice', '', {}, here);
    const startedMs = performance.now();
    const request = await created('alice', name('web'), there);
    await eventually(() =>
      expect(told(client).map(({ data }) => data.identifier)).toEqual([request.identifier]),
    );
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    client.close();
    await here.stop();
    await there.stop();
    await nats.drop();
    await database.drop();
  });
});

describe('the bounds of event streams', () => {
  it('hold per user and in total, and places come back', async () => {
    const own = await startTestApi({
      env: { EVENT_STREAMS_PER_USER_MAX: '2', EVENT_STREAMS_MAX: '3' },
    });
    const first = await follow('alice', '', {}, own);
    const second = await follow('alice', '', {}, own);
    const tooMany = await follow('alice', '', {}, own);
    expect(tooMany.status).toBe(429);
    expect(tooMany.headers['retry-after']).toBe('5');
    const bob = await follow('bob', '', {}, own);
    expect((await follow('carol', '', {}, own)).status).toBe(429);
    first.close();
    await eventually(async () => {
      const again = await follow('carol', '', {}, own);
      expect(again.status).toBe(200);
    });
    await own.stop();
    // A stop of the server ends what is open.
    await Promise.all([second.ended, bob.ended]);
  });
});
