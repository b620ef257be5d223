import { eventually } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openapiDocument } from '../openapi/document.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { endOldest, showDeployment } from '../testing/worker-stand-in.ts';

const create = '/api/v1/deployments/requests/create';
const requests = '/api/v1/deployments/requests';
const deployments = '/api/v1/deployments';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

describe('invariant 1: one request per (user, request id)', () => {
  it('raced by 50 clients', async () => {
    const headers = { 'x-request-id': 'raced' };
    const body = { identifier: 'raced', image: 'nginx:1.27' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.call('racer', 'POST', create, { body, headers })),
    );
    const statuses = answers.map(({ status }) => status).sort((left, right) => left - right);
    expect(statuses).toEqual([...Array.from({ length: 49 }, () => 200), 202]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect((await api.call('racer', 'GET', requests)).body.items).toHaveLength(1);
    const history = await api.call('racer', 'GET', `${deployments}/raced/history`);
    expect(history.body.items).toHaveLength(1);
  });

  it('raced by 50 clients with different payloads: one wins, the others are told', async () => {
    const headers = { 'x-request-id': 'raced-apart' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        api.call('racer', 'POST', create, {
          body: { identifier: `raced-apart-${index}`, image: 'nginx:1.27' },
          headers,
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(49);
  });

  it('raced by 50 users for one identifier: one gets it', async () => {
    const body = { identifier: 'wanted', image: 'nginx:1.27' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => api.call(`user-${index}`, 'POST', create, { body })),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
  });
});

describe('invariant 5: no reads across users', () => {
  it('every operation answers for a foreign thing exactly as for a missing one', async () => {
    const headers = { 'x-request-id': 'victims-request' };
    const body = { identifier: 'victims-web', image: 'nginx:1.27' };
    const made = (await api.call('victim', 'POST', create, { body, headers })).body;
    await endOldest(api.store, made.identifier, { kind: 'failure', deadLetter: true });
    await showDeployment(api.store, made);
    const letter = (await api.call('victim', 'GET', '/api/v1/dead-letters')).body.items[0];
    expect(letter.identifier).toBe('victims-web');

    const things = {
      requests: {
        foreign: [made.id, 'victims-request'],
        missing: '01930f0e-0000-7000-8000-000000000000',
      },
      deployments: { foreign: ['victims-web'], missing: 'missing-web' },
      'dead-letters': { foreign: [letter.id], missing: '01930f0e-0000-7000-8000-000000000000' },
    };
    let tried = 0;
    for (const { method, path, body: needed } of await operationsWithId()) {
      const kind = path.includes('/requests/')
        ? 'requests'
        : path.includes('/dead-letters/')
          ? 'dead-letters'
          : 'deployments';
      const thing = things[kind];
      const call = (id: string) =>
        api.call(
          'intruder',
          method,
          path.replace('{id}', id),
          needed === null ? {} : { body: needed },
        );
      const missing = await call(thing.missing);
      expect({ method, path, status: missing.status }).toEqual({ method, path, status: 404 });
      for (const id of thing.foreign) {
        const foreign = await call(id);
        const told = JSON.stringify(foreign.body).replaceAll(id, thing.missing);
        expect({ method, path, told }).toEqual({
          method,
          path,
          told: JSON.stringify(missing.body),
        });
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThanOrEqual(18);
    const after = await api.call('victim', 'GET', `${requests}/${made.id}`);
    expect(after.body).toMatchObject({ revision: 1, deadLettered: true });
  });

  it('lists, cursors, keys, streams and the audit trail show nothing of others', async () => {
    const headers = { 'x-request-id': 'secret-key' };
    const body = { identifier: 'owners-web', image: 'nginx:1.27' };
    const made = (await api.call('owner', 'POST', create, { body, headers })).body;
    for (const path of [requests, deployments, '/api/v1/dead-letters', '/api/v1/audit']) {
      const list = await api.call('nosy', 'GET', `${path}?limit=200`);
      expect(JSON.stringify(list.body)).not.toContain('owner');
    }
    const filtered = await api.call('nosy', 'GET', `${requests}?identifier=owners-web`);
    expect(filtered.body.items).toEqual([]);
    // The same key is another user's own.
    const reused = await api.call('nosy', 'POST', create, {
      body: { ...body, identifier: 'nosys' },
      headers,
    });
    expect(reused.status).toBe(202);
    expect(reused.body.id).not.toBe(made.id);
    const stream = await api.call('nosy', 'GET', `/api/v1/events?request=${made.id}`);
    expect(stream.status).toBe(404);
    const asAdmin = await api.call('root', 'GET', `${requests}/${made.id}`);
    expect(asAdmin.status).toBe(200);
  });
});

describe('the dead letters', () => {
  it('are listed with the reason and the attempts, replayed, and dropped', async () => {
    const user = 'undertaker';
    const requestOf = async (identifier: string) => {
      const made = await api.call(user, 'POST', create, { body: { identifier, image: 'nginx:1' } });
      await endOldest(api.store, identifier, { kind: 'failure', deadLetter: true });
      return made.body;
    };
    const made = await requestOf('dead-one');
    const list = (await api.call(user, 'GET', '/api/v1/dead-letters')).body.items;
    expect(list).toHaveLength(1);
    expect(list[0]).toMatchObject({
      userId: user,
      identifier: 'dead-one',
      requestId: made.id,
      revision: 1,
      reason: 'it did not work, often',
      attempts: 5,
      payload: 'AQID',
    });
    const path = `/api/v1/dead-letters/${list[0].id}`;
    expect((await api.call(user, 'GET', path)).body).toEqual(list[0]);
    const replayed = await api.call(user, 'POST', `${path}/replay`);
    expect(replayed.status).toBe(202);
    expect(replayed.body).toMatchObject({
      id: made.id,
      status: 'CREATED',
      revision: 2,
      deadLettered: false,
    });
    expect(replayed.headers.get('location')).toBe(`${requests}/${made.id}`);
    expect((await api.call(user, 'POST', `${path}/replay`)).status).toBe(409);
    expect((await api.call(user, 'GET', path)).body.replayedRevision).toBe(2);
    for (const identifier of ['dead-two', 'dead-three', 'dead-four']) await requestOf(identifier);
    const changed = await api.call(user, 'POST', `${deployments}/dead-two/restart`);
    expect(changed.status).toBe(202);
    const some = await api.call(user, 'POST', '/api/v1/dead-letters/replay', {
      body: { limit: 2 },
    });
    expect(some.body).toEqual({
      replayed: 2,
      superseded: 0,
      ended: 0,
      notReplayable: 0,
      more: true,
    });
    const rest = await api.call(user, 'POST', '/api/v1/dead-letters/replay');
    expect(rest.body).toEqual({
      replayed: 0,
      superseded: 1,
      ended: 0,
      notReplayable: 0,
      more: false,
    });
    const left = (await api.call(user, 'GET', '/api/v1/dead-letters')).body.items;
    const dropPath = `/api/v1/dead-letters/${left[0].id}`;
    expect((await api.call(user, 'DELETE', dropPath)).status).toBe(204);
    expect((await api.call(user, 'GET', '/api/v1/dead-letters')).body.items).toEqual([]);
    expect((await api.call(user, 'GET', dropPath)).body.droppedAt).not.toBeNull();
  });
});

describe('the audit trail', () => {
  it('has what was accepted and what was refused, by whom and from where', async () => {
    const user = 'audited';
    const body = { identifier: 'audited-web', image: 'nginx:1.27' };
    const made = (await api.call(user, 'POST', create, { body })).body;
    await api.call(user, 'POST', `${deployments}/audited-web/scale`, { body: { replicas: 2 } });
    await api.call(user, 'POST', create, { body });
    await api.call(user, 'PATCH', `${requests}/${made.id}`, {
      body: { securityContext: { privileged: true } },
    });
    await api.call(user, 'GET', `${requests}/no-such-request`);
    const entries = await eventually(async () => {
      const { items } = (await api.call(user, 'GET', '/api/v1/audit')).body;
      expect(items).toHaveLength(5);
      return items;
    });
    const told = entries.map((entry: Record<string, unknown>) => [
      entry['action'],
      entry['target'],
      entry['outcome'],
    ]);
    expect(told).toEqual([
      ['request.read', 'no-such-request', 'not-found'],
      ['request.update', made.id, 'policy-violation'],
      ['request.create', 'audited-web', 'identifier-taken'],
      ['request.scale', 'audited-web', 'accepted'],
      ['request.create', 'audited-web', 'accepted'],
    ]);
    expect(entries[0]).toMatchObject({ userId: user, role: 'user', remoteAddress: '127.0.0.1' });
  });
});

/** Every operation of the document whose path has an id, with a body that is valid for it. */
async function operationsWithId() {
  const { paths } = await openapiDocument();
  const bodies: Readonly<Record<string, object>> = {
    'PATCH /api/v1/deployments/requests/{id}': { replicas: 2 },
    'POST /api/v1/deployments/{id}/scale': { replicas: 2 },
  };
  return Object.entries(paths)
    .filter(([path]) => path.includes('{id}'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((name) => {
        const method = name.toUpperCase();
        return { method, path, body: bodies[`${method} ${path}`] ?? null };
      }),
    );
}
