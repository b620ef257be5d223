import { eventually } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { endOldest, hideDeployment, showDeployment } from '../testing/worker-stand-in.ts';

const create = '/api/v1/deployments/requests/create';
const requests = '/api/v1/deployments/requests';
const deployments = '/api/v1/deployments';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

let serial = 0;
const name = (what: string) => `${what}-${(serial += 1)}`;

async function created(user: string, identifier: string, more: object = {}) {
  const body = { identifier, image: 'nginx:1.27', ...more };
  const answer = await api.call(user, 'POST', create, { body });
  expect(answer.status).toBe(202);
  return answer.body;
}

/** A deployment that was applied and is shown by the cluster. */
async function running(user: string, more: object = {}) {
  const request = await created(user, name('web'), more);
  await endOldest(api.store, request.identifier);
  await showDeployment(api.store, request);
  return request;
}

describe('GET /deployments', () => {
  it('shows deployments as synced, by user, and one by its identifier', async () => {
    const user = name('owner');
    const request = await running(user, { replicas: 2, namespace: 'shop' });
    const path = `${deployments}/${request.identifier}`;
    const one = await api.call(user, 'GET', path);
    expect(one.status).toBe(200);
    expect(one.body).toMatchObject({
      identifier: request.identifier,
      namespace: 'shop',
      userId: user,
      requestId: request.id,
      revision: 1,
      image: 'nginx:1.27',
      replicas: 2,
      readyReplicas: 2,
      health: 'Healthy',
      healthReason: 'AllReplicasReady',
    });
    const list = await api.call(user, 'GET', deployments);
    expect(list.body).toEqual({ items: [one.body], nextCursor: null });
    const idsOf = async (query: string) =>
      (await api.call(user, 'GET', `${deployments}?${query}`)).body.items.length;
    expect(await idsOf('health=Healthy')).toBe(1);
    expect(await idsOf('health=Degraded')).toBe(0);
    expect(await idsOf('namespace=other')).toBe(0);
  });

  it('has an ETag that changes with the cluster and with the intent', async () => {
    const request = await running('alice');
    const path = `${deployments}/${request.identifier}`;
    const first = await api.call('alice', 'GET', path);
    const tag = first.headers.get('etag') ?? '';
    const headers = { 'if-none-match': tag };
    expect((await api.call('alice', 'GET', path, { headers })).status).toBe(304);
    await showDeployment(api.store, request, { readyReplicas: 0, health: 'Progressing' });
    const moved = await api.call('alice', 'GET', path, { headers });
    expect(moved.status).toBe(200);
    await api.call('alice', 'POST', `${path}/pause`);
    const intended = await api.call('alice', 'GET', path);
    expect(intended.headers.get('etag')).not.toBe(moved.headers.get('etag'));
  });

  it('pages', async () => {
    const user = name('pager');
    for (let count = 0; count < 3; count += 1) await running(user);
    const first = await api.call(user, 'GET', `${deployments}?limit=2`);
    expect(first.body.items).toHaveLength(2);
    const cursor: string = first.body.nextCursor;
    const second = await api.call(user, 'GET', `${deployments}?limit=2&cursor=${cursor}`);
    expect(second.body.items).toHaveLength(1);
    expect(second.body.nextCursor).toBeNull();
    const elsewhere = await api.call(user, 'GET', `${requests}?limit=2&cursor=${cursor}`);
    expect(elsewhere.body.code).toBe('cursor-filter-mismatch');
  });
});

describe('operations', () => {
  it('each make a new revision of the same request', async () => {
    const request = await running('alice');
    const path = `${deployments}/${request.identifier}`;
    const call = (operation: string, body?: object) =>
      api.call('alice', 'POST', `${path}/${operation}`, body === undefined ? {} : { body });
    const scaled = await call('scale', { replicas: 3 });
    expect(scaled.status).toBe(202);
    expect(scaled.body).toMatchObject({
      id: request.id,
      type: 'UPDATE',
      operation: 'SCALE',
      status: 'CREATED',
      revision: 2,
      spec: { replicas: 3 },
    });
    expect(scaled.headers.get('location')).toBe(`${requests}/${request.id}`);
    const restarted = await call('restart');
    expect(restarted.body.operation).toBe('RESTART');
    expect(Date.parse(restarted.body.spec.restartedAt)).toBeGreaterThan(Date.now() - 60_000);
    expect((await call('pause', {})).body.spec.paused).toBe(true);
    expect((await call('resume')).body.spec).not.toHaveProperty('paused');
    await api.call('alice', 'PATCH', `${requests}/${request.id}`, { body: { image: 'nginx:9' } });
    for (let revision = 2; revision <= 6; revision += 1) {
      await endOldest(api.store, request.identifier);
    }
    const toFirst = await call('rollback', { revision: 1 });
    expect(toFirst.body).toMatchObject({
      operation: 'ROLLBACK',
      revision: 7,
      spec: { image: 'nginx:1.27', replicas: 3 },
    });
    await endOldest(api.store, request.identifier);
    const toLast = await call('rollback');
    expect(toLast.body.spec.image).toBe('nginx:9');
    expect((await call('rollback', { revision: 99 })).status).toBe(404);
    const history = await api.call('alice', 'GET', `${path}/history?limit=3`);
    expect(history.body.items.map((item: { operation: string }) => item.operation)).toEqual([
      'ROLLBACK',
      'ROLLBACK',
      'UPDATE',
    ]);
    expect(history.body.items[0]).toMatchObject({ revision: 8, status: 'OPEN', endedAt: null });
    const more = await api.call(
      'alice',
      'GET',
      `${path}/history?limit=9&cursor=${history.body.nextCursor}`,
    );
    expect(more.body.items).toHaveLength(5);
    expect(more.body.nextCursor).toBeNull();
  });

  it('honour request ids and If-Match, of the request and of the deployment', async () => {
    const request = await running('alice');
    const path = `${deployments}/${request.identifier}`;
    const read = await api.call('alice', 'GET', path);
    const tag = read.headers.get('etag') ?? '';
    const headers = { 'x-request-id': name('scale'), 'if-match': tag };
    const scale = (replicas: number, more: object = {}) =>
      api.call('alice', 'POST', `${path}/scale`, {
        body: { replicas },
        headers: { ...headers, ...more },
      });
    expect((await scale(3)).status).toBe(202);
    expect((await scale(3)).status).toBe(200);
    expect((await scale(4)).status).toBe(422);
    expect((await scale(4, { 'x-request-id': name('scale') })).status).toBe(412);
  });

  it.each([
    ['scale', {}],
    ['scale', { replicas: -1 }],
    ['scale', { replicas: '3' }],
    ['scale', { replicas: 1.5 }],
    ['scale', { replicas: 3, force: true }],
    ['restart', { now: true }],
    ['pause', []],
    ['rollback', { revision: 0 }],
  ])('%s refuses %j', async (operation, body) => {
    const request = await running('alice');
    const path = `${deployments}/${request.identifier}/${operation}`;
    expect((await api.call('alice', 'POST', path, { body })).status).toBe(400);
  });

  it('answer 404 for what is not there and 409 for what is being deleted', async () => {
    expect((await api.call('alice', 'POST', `${deployments}/nothing/restart`)).status).toBe(404);
    const request = await running('alice');
    await api.call('alice', 'DELETE', `${requests}/${request.id}`);
    const answer = await api.call('alice', 'POST', `${deployments}/${request.identifier}/restart`);
    expect(answer.status).toBe(409);
  });
});

describe('quotas', () => {
  it('are held over deployments and replicas', async () => {
    const own = await startTestApi({
      env: { QUOTA_DEPLOYMENTS_MAX: '2', QUOTA_REPLICAS_MAX: '5' },
    });
    const post = (identifier: string, replicas: number) =>
      own.call('alice', 'POST', create, { body: { identifier, image: 'nginx:1', replicas } });
    try {
      expect((await post('one', 3)).status).toBe(202);
      const tooMany = await post('two', 3);
      expect(tooMany.status).toBe(403);
      expect(tooMany.body.code).toBe('quota-exceeded');
      expect(tooMany.body.errors).toEqual([
        { field: 'replicas', message: expect.any(String), limit: 5 },
      ]);
      expect((await post('two', 2)).status).toBe(202);
      expect((await post('three', 0)).body.errors[0]).toMatchObject({
        field: 'identifier',
        limit: 2,
      });
      const scaled = await own.call('alice', 'POST', `${deployments}/two/scale`, {
        body: { replicas: 3 },
      });
      expect(scaled.status).toBe(403);
      // Somebody else's are another matter.
      const other = { identifier: 'four', image: 'nginx:1', replicas: 5 };
      expect((await own.call('bob', 'POST', create, { body: other })).status).toBe(202);
    } finally {
      await own.stop();
    }
  });
});

describe('?wait', () => {
  it('applied: answers when the request has ended', async () => {
    const identifier = name('web');
    const answering = api.call('alice', 'POST', `${create}?wait=applied&timeoutSeconds=20`, {
      body: { identifier, image: 'nginx:1.27' },
    });
    await endsSoon(identifier);
    const answer = await answering;
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: 'SUCCESS', waited: { outcome: 'applied' } });
    expect(answer.headers.get('retry-after')).toBeNull();
    const read = await api.call('alice', 'GET', `${requests}/${answer.body.id}`);
    expect(read.headers.get('etag')).toBe(answer.headers.get('etag'));
  });

  it('rollout: answers when the deployment is settled, with its health', async () => {
    const request = await created('alice', name('web'));
    const path = `${requests}/${request.id}?wait=rollout&timeoutSeconds=20`;
    const answering = api.call('alice', 'GET', path);
    await endOldest(api.store, request.identifier);
    await showDeployment(api.store, request, { health: 'Progressing' });
    await showDeployment(api.store, request, {
      health: 'Degraded',
      healthReason: 'CrashLoopBackOff',
      healthMessage: 'pod web-1 crashes',
    });
    const answer = await answering;
    expect(answer.status).toBe(200);
    expect(answer.body.waited).toEqual({
      outcome: 'degraded',
      health: 'Degraded',
      reason: 'CrashLoopBackOff',
      message: 'pod web-1 crashes',
    });
  });

  it('rollout: does not take the health of an older revision for its own', async () => {
    const request = await running('alice');
    const path = `${deployments}/${request.identifier}/scale?wait=rollout&timeoutSeconds=20`;
    const answering = api.call('alice', 'POST', path, { body: { replicas: 2 } });
    await endsSoon(request.identifier);
    await showDeployment(api.store, request, { revision: 1, health: 'Healthy' });
    await showDeployment(api.store, request, { observedGeneration: 1, health: 'Healthy' });
    await showDeployment(api.store, request, { health: 'Suspended' });
    expect((await answering).body.waited.outcome).toBe('suspended');
  });

  it('rollout of a deletion: answers when the deployment is gone', async () => {
    const request = await running('alice');
    const path = `${requests}/${request.id}?wait=rollout&timeoutSeconds=20`;
    const answering = api.call('alice', 'DELETE', path);
    await endsSoon(request.identifier);
    await hideDeployment(api.store, 'default', request.identifier);
    expect((await answering).body.waited).toEqual({ outcome: 'deleted' });
  });

  it('answers with the failure of a request', async () => {
    const request = await created('alice', name('web'));
    await endOldest(api.store, request.identifier, { kind: 'failure' });
    const answer = await api.call('alice', 'GET', `${requests}/${request.id}?wait=rollout`);
    expect(answer.body).toMatchObject({ status: 'FAILURE', waited: { outcome: 'failed' } });
  });

  it('answers with how things stand when the time is over', async () => {
    const body = { identifier: name('web'), image: 'nginx:1.27' };
    const path = `${create}?wait=applied&timeoutSeconds=1`;
    const answer = await api.call('alice', 'POST', path, { body });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: 'CREATED', waited: { outcome: 'timeout' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('refuses more waits than there are places, before anything is queued', async () => {
    const own = await startTestApi({ env: { WAITS_MAX: '1' } });
    const post = (identifier: string) =>
      own.call('alice', 'POST', `${create}?wait=applied&timeoutSeconds=5`, {
        body: { identifier, image: 'nginx:1' },
      });
    try {
      const first = post('one');
      await eventually(
        async () => (await own.call('alice', 'GET', requests)).body.items.length === 1,
      );
      const second = await post('two');
      expect(second.status).toBe(429);
      expect(second.headers.get('retry-after')).not.toBeNull();
      await endOldest(own.store, 'one');
      expect((await first).body.waited.outcome).toBe('applied');
      expect((await own.call('alice', 'GET', requests)).body.items).toHaveLength(1);
    } finally {
      await own.stop();
    }
  });

  it('ends when the server stops, and the answer still goes out', async () => {
    const own = await startTestApi();
    const answering = own.call('alice', 'POST', `${create}?wait=applied&timeoutSeconds=60`, {
      body: { identifier: 'one', image: 'nginx:1' },
    });
    await eventually(
      async () => (await own.call('alice', 'GET', requests)).body.items.length === 1,
    );
    await own.stop();
    const answer = await answering;
    expect(answer.status).toBe(202);
    expect(answer.body.waited.outcome).toBe('interrupted');
  });
});

/** Ends the deployment's oldest open revision as soon as there is one. */
async function endsSoon(identifier: string): Promise<void> {
  await eventually(async () => {
    const page = await api.store.listRequests(
      { userId: null },
      { identifier, status: 'CREATED' },
      { limit: 1, after: null },
    );
    return page.items.length === 1;
  });
  await endOldest(api.store, identifier);
}
