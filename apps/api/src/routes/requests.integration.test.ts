import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { endOldest } from '../testing/worker-stand-in.ts';

const create = '/api/v1/deployments/requests/create';
const requests = '/api/v1/deployments/requests';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ env: { OPEN_REVISIONS_MAX: '3' } });
});
afterAll(() => api.stop());

let serial = 0;
const name = (what: string) => `${what}-${(serial += 1)}`;

/** Creates a deployment and gives the request as answered. */
async function created(user: string, identifier: string, more: object = {}) {
  const answer = await api.call(user, 'POST', create, {
    body: { identifier, image: 'nginx:1.27', ...more },
  });
  expect(answer.status).toBe(202);
  return answer.body;
}

describe('POST /requests/create', () => {
  it('accepts the smallest body, with everything that the caller needs', async () => {
    const identifier = name('web');
    const answer = await api.call('alice', 'POST', create, {
      body: { identifier, image: 'nginx:1.27' },
      headers: { 'x-request-id': `make-${identifier}` },
    });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      requestId: `make-${identifier}`,
      userId: 'alice',
      identifier,
      namespace: 'default',
      type: 'CREATE',
      operation: 'CREATE',
      status: 'CREATED',
      revision: 1,
      spec: { image: 'nginx:1.27', replicas: 1 },
      error: null,
      deadLettered: false,
      attempts: 0,
      completedAt: null,
    });
    expect(answer.headers.get('location')).toBe(`${requests}/${answer.body.id}`);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.headers.get('x-request-id')).toBe(`make-${identifier}`);
    const read = await api.call('alice', 'GET', answer.headers.get('location') ?? '');
    expect(read.body).toEqual(answer.body);
  });

  it('makes a request id where the caller gives none', async () => {
    const body = { identifier: name('web'), image: 'nginx:1.27' };
    const answer = await api.call('alice', 'POST', create, { body });
    const requestId = answer.headers.get('x-request-id') ?? '';
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await api.call('alice', 'GET', `${requests}/${requestId}`)).body.id).toBe(
      answer.body.id,
    );
  });

  it('gives the same request for the same id and payload, whatever the order of members', async () => {
    const identifier = name('web');
    const first = await api.call('alice', 'POST', create, {
      body: { identifier, image: 'nginx:1.27', labels: { a: '1', b: '2' } },
      headers: { 'x-request-id': identifier },
    });
    const again = await api.call('alice', 'POST', create, {
      body: { labels: { b: '2', a: '1' }, image: 'nginx:1.27', identifier },
      headers: { 'idempotency-key': identifier },
    });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('refuses another payload under the same id with 422', async () => {
    const identifier = name('web');
    const headers = { 'x-request-id': identifier };
    const body = { identifier, image: 'nginx:1.27' };
    await api.call('alice', 'POST', create, { body, headers });
    const other = { ...body, image: 'nginx:1.28' };
    const answer = await api.call('alice', 'POST', create, { body: other, headers });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('idempotency-payload-mismatch');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('takes the same id from another user as another request', async () => {
    const headers = { 'x-request-id': name('same') };
    const mine = { identifier: name('web'), image: 'nginx:1.27' };
    const theirs = { identifier: name('web'), image: 'nginx:1.27' };
    const first = await api.call('alice', 'POST', create, { body: mine, headers });
    const second = await api.call('bob', 'POST', create, { body: theirs, headers });
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('refuses two different ids with 400', async () => {
    const answer = await api.call('alice', 'POST', create, {
      body: { identifier: name('web'), image: 'nginx:1.27' },
      headers: { 'x-request-id': 'a', 'idempotency-key': 'b' },
    });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe('header.idempotency-key');
  });

  it('refuses a taken identifier without saying whose it is', async () => {
    const identifier = name('web');
    const { id } = await created('alice', identifier);
    const body = { identifier, image: 'nginx:1.27' };
    const foreign = await api.call('bob', 'POST', create, { body });
    expect(foreign.status).toBe(409);
    expect(foreign.body.code).toBe('identifier-taken');
    expect(JSON.stringify(foreign.body)).not.toContain('alice');
    expect(JSON.stringify(foreign.body)).not.toContain(id);
    const own = await api.call('alice', 'POST', create, { body });
    expect(own.status).toBe(409);
    expect(own.body.request).toBe(id);
  });

  it('names every bad field, unknown ones too, in one answer', async () => {
    const answer = await api.call('alice', 'POST', `${create}?colour=blue`, {
      body: {
        identifier: 'Not A Label',
        replicas: 1001,
        nodeName: 'node-1',
        ports: [{ containerPort: 0 }, { containerPort: 80, nmae: 'http' }],
      },
    });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('validation-failed');
    expect(answer.body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'identifier',
      'image',
      'nodeName',
      'ports[0].containerPort',
      'ports[1].nmae',
      'query.colour',
      'replicas',
    ]);
  });

  it('names every violation of the policy in one 422, and queues nothing', async () => {
    const identifier = name('web');
    const answer = await api.call('alice', 'POST', create, {
      body: {
        identifier,
        image: 'nginx:1.27',
        namespace: 'kube-system',
        securityContext: { privileged: true },
        ports: [{ containerPort: 80, hostPort: 80 }],
      },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('policy-violation');
    const fields = answer.body.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(
      expect.arrayContaining(['namespace', 'securityContext.privileged', 'ports[0].hostPort']),
    );
    const list = await api.call('alice', 'GET', `${requests}?identifier=${identifier}`);
    expect(list.body.items).toEqual([]);
  });

  it('takes the whole spec and gives it back', async () => {
    const spec = {
      replicas: 2,
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      env: [
        { name: 'PLAIN', value: 'ü ☃ "quoted"' },
        { name: 'SECRET', secretKeyRef: { name: 'keys', key: 'k', optional: true } },
        { name: 'MAP', configMapKeyRef: { name: 'conf', key: 'k' } },
      ],
      resources: { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '64Mi' } },
      livenessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 5 },
      readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
      startupProbe: { exec: { command: ['true'] }, failureThreshold: 30 },
      command: ['serve'],
      args: ['--port', '8080'],
      labels: { team: 'shop' },
      annotations: { 'example.com/note': 'a note' },
      volumes: [
        { name: 'tmp', mountPath: '/tmp', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'conf', mountPath: '/conf', configMap: { name: 'conf' }, readOnly: true },
        { name: 'keys', mountPath: '/keys', secret: { secretName: 'keys' } },
      ],
      serviceAccountName: 'shop',
      imagePullSecrets: ['registry'],
      securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
      strategy: { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: 0 },
      minReadySeconds: 1,
      progressDeadlineSeconds: 60,
      revisionHistoryLimit: 3,
      terminationGracePeriodSeconds: 5,
      service: { ports: [{ port: 80, targetPort: 'http' }] },
    };
    const request = await created('alice', name('full'), spec);
    expect(request.spec).toEqual({ image: 'nginx:1.27', ...spec });
    const read = await api.call('alice', 'GET', `${requests}/${request.id}`);
    expect(read.body.spec).toEqual({ image: 'nginx:1.27', ...spec });
  });
});

describe('GET /requests/:id', () => {
  it('answers 304 while nothing changed', async () => {
    const { id, identifier } = await created('alice', name('web'));
    const path = `${requests}/${id}`;
    const headers = { 'if-none-match': '"1"' };
    const unchanged = await api.call('alice', 'GET', path, { headers });
    expect(unchanged.status).toBe(304);
    expect(unchanged.headers.get('etag')).toBe('"1"');
    await endOldest(api.store, identifier);
    const changed = await api.call('alice', 'GET', path, { headers });
    expect(changed.status).toBe(200);
    expect(changed.body.status).toBe('SUCCESS');
    expect(changed.body.completedAt).not.toBeNull();
    expect(changed.headers.get('retry-after')).toBeNull();
  });

  it('shows why a request failed', async () => {
    const { id, identifier } = await created('alice', name('web'));
    await endOldest(api.store, identifier, { kind: 'failure', code: 'foreign-object' });
    const answer = await api.call('alice', 'GET', `${requests}/${id}`);
    expect(answer.body).toMatchObject({
      status: 'FAILURE',
      error: { code: 'foreign-object', message: 'it did not work' },
    });
  });
});

describe('PATCH /requests/:id', () => {
  it('merges into the spec: same id, new revision, UPDATE, CREATED', async () => {
    const before = await created('alice', name('web'), {
      labels: { a: '1', b: '2' },
      env: [{ name: 'A', value: '1' }],
      minReadySeconds: 3,
    });
    await endOldest(api.store, before.identifier);
    const answer = await api.call('alice', 'PATCH', `${requests}/${before.id}`, {
      body: { image: 'nginx:1.28', labels: { b: null, c: '3' }, minReadySeconds: null },
      headers: { 'content-type': 'application/merge-patch+json; charset=utf-8' },
    });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      id: before.id,
      type: 'UPDATE',
      operation: 'UPDATE',
      status: 'CREATED',
      revision: 2,
      completedAt: null,
      spec: {
        image: 'nginx:1.28',
        replicas: 1,
        labels: { a: '1', c: '3' },
        env: [{ name: 'A', value: '1' }],
      },
    });
    expect(answer.body.spec).not.toHaveProperty('minReadySeconds');
    expect(answer.headers.get('etag')).not.toBe('"1"');
  });

  it('refuses what can not change, what is unknown, and what would not be valid', async () => {
    const { id, identifier } = await created('alice', name('web'));
    const patch = (body: object) => api.call('alice', 'PATCH', `${requests}/${id}`, { body });
    const moved = await patch({ identifier: 'other', namespace: 'other' });
    expect(moved.status).toBe(400);
    expect(moved.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'identifier',
      'namespace',
    ]);
    expect((await patch({ identifier, replicas: 2 })).status).toBe(202);
    const unknown = await patch({ restartedAt: 'now', nodeName: 'n' });
    expect(unknown.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'restartedAt',
      'nodeName',
    ]);
    const withoutImage = await patch({ image: null, readinessProbe: { httpGet: { path: '/' } } });
    expect(withoutImage.status).toBe(400);
    expect(withoutImage.body.errors).toEqual([
      { field: 'image', message: 'is required' },
      { field: 'readinessProbe.httpGet.port', message: 'is required' },
    ]);
    expect((await patch({ namespace: 'kube-system' })).status).toBe(400);
    expect((await patch({ securityContext: { privileged: true } })).status).toBe(422);
    expect((await patch({})).status).toBe(400);
  });

  it('honours If-Match', async () => {
    const { id } = await created('alice', name('web'));
    const patch = (replicas: number, tag: string) =>
      api.call('alice', 'PATCH', `${requests}/${id}`, {
        body: { replicas },
        headers: { 'if-match': tag },
      });
    const first = await patch(2, '"1"');
    expect(first.status).toBe(202);
    const stale = await patch(3, '"1"');
    expect(stale.status).toBe(412);
    expect(stale.body.code).toBe('version-mismatch');
    expect((await patch(3, `"1", ${first.headers.get('etag')}`)).status).toBe(202);
    expect((await patch(4, 'W/"3"')).status).toBe(412);
    expect((await patch(4, 'nonsense')).status).toBe(400);
    const current = await api.call('alice', 'GET', `${requests}/${id}`);
    expect(current.body.spec.replicas).toBe(3);
  });

  it('is safe to repeat under the same id', async () => {
    const { id } = await created('alice', name('web'));
    const headers = { 'x-request-id': name('patch') };
    const patch = (replicas: number) =>
      api.call('alice', 'PATCH', `${requests}/${id}`, { body: { replicas }, headers });
    expect((await patch(2)).status).toBe(202);
    const again = await patch(2);
    expect(again.status).toBe(200);
    expect(again.body.revision).toBe(2);
    expect((await patch(3)).status).toBe(422);
  });

  it('queues changes in order up to a bound', async () => {
    const { id } = await created('alice', name('web'));
    const scale = (replicas: number) =>
      api.call('alice', 'PATCH', `${requests}/${id}`, { body: { replicas } });
    expect((await scale(2)).status).toBe(202);
    expect((await scale(3)).status).toBe(202);
    const full = await scale(4);
    expect(full.status).toBe(409);
    expect(full.body.code).toBe('queue-full');
    expect(full.headers.get('retry-after')).not.toBeNull();
  });
});

describe('DELETE /requests/:id', () => {
  it('asks for the deletion, once', async () => {
    const { id, identifier } = await created('alice', name('web'));
    const path = `${requests}/${id}`;
    const first = await api.call('alice', 'DELETE', path);
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({ id, type: 'DELETE', status: 'CREATED', revision: 2 });
    const again = await api.call('alice', 'DELETE', path);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    const changed = await api.call('alice', 'PATCH', path, { body: { replicas: 3 } });
    expect(changed.status).toBe(409);
    expect(changed.body.code).toBe('deletion-in-progress');
    const taken = { body: { identifier, image: 'nginx:1.27' } };
    expect((await api.call('bob', 'POST', create, taken)).status).toBe(409);
    await endOldest(api.store, identifier);
    await endOldest(api.store, identifier);
    expect((await api.call('alice', 'DELETE', path)).status).toBe(200);
    const next = await api.call('bob', 'POST', create, taken);
    expect(next.status).toBe(202);
    expect(next.body.revision).toBe(3);
  });
});

describe('GET /requests', () => {
  it('pages through what the caller has, newest first, under fixed filters', async () => {
    const user = name('lister');
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift((await created(user, name('web'))).id);
    const seen: string[] = [];
    let path: string | null = `${requests}?limit=2`;
    let pages = 0;
    while (path !== null) {
      const page = await api.call(user, 'GET', path);
      expect(page.status).toBe(200);
      seen.push(...page.body.items.map(({ id }: { id: string }) => id));
      const cursor: string | null = page.body.nextCursor;
      path = cursor === null ? null : `${requests}?limit=2&cursor=${cursor}`;
      pages += 1;
    }
    expect(seen).toEqual(ids);
    expect(pages).toBe(3);
  });

  it('filters', async () => {
    const user = name('filterer');
    const first = await created(user, name('web'), { namespace: 'one' });
    const second = await created(user, name('web'), { namespace: 'two' });
    await endOldest(api.store, second.identifier);
    await api.call(user, 'DELETE', `${requests}/${second.id}`);
    const idsOf = async (query: string) =>
      (await api.call(user, 'GET', `${requests}?${query}`)).body.items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await idsOf('type=CREATE')).toEqual([first.id]);
    expect(await idsOf('type=DELETE')).toEqual([second.id]);
    expect(await idsOf('namespace=two')).toEqual([second.id]);
    expect(await idsOf(`identifier=${first.identifier}`)).toEqual([first.id]);
    expect(await idsOf('status=CREATED')).toEqual([second.id, first.id]);
    expect(await idsOf('status=FAILURE')).toEqual([]);
  });

  it('refuses a cursor under other filters, for another user and made up', async () => {
    const user = name('pager');
    await created(user, name('web'));
    await created(user, name('web'));
    const page = await api.call(user, 'GET', `${requests}?limit=1&type=CREATE`);
    const cursor: string = page.body.nextCursor;
    const refusals = [
      await api.call(user, 'GET', `${requests}?limit=1&cursor=${cursor}`),
      await api.call(user, 'GET', `${requests}?type=CREATE&status=CREATED&cursor=${cursor}`),
      await api.call('somebody', 'GET', `${requests}?limit=1&type=CREATE&cursor=${cursor}`),
      await api.call('root', 'GET', `${requests}?limit=1&type=CREATE&cursor=${cursor}`),
    ];
    for (const answer of refusals) {
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('cursor-filter-mismatch');
    }
    const madeUp = await api.call(user, 'GET', `${requests}?cursor=AAAA`);
    expect(madeUp.body.code).toBe('invalid-cursor');
    // The size of the page may change.
    const other = await api.call(user, 'GET', `${requests}?limit=9&type=CREATE&cursor=${cursor}`);
    expect(other.status).toBe(200);
  });

  it('refuses other users in the filter, except to admins', async () => {
    const user = name('owner');
    const { id } = await created(user, name('web'));
    expect((await api.call('bob', 'GET', `${requests}?user=${user}`)).status).toBe(403);
    expect((await api.call(user, 'GET', `${requests}?user=${user}`)).body.items).toHaveLength(1);
    const asAdmin = await api.call('root', 'GET', `${requests}?user=${user}`);
    expect(asAdmin.body.items.map((item: { id: string }) => item.id)).toEqual([id]);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'status=DONE', 'identifier=A', 'colour=blue'])(
    'refuses %s',
    async (query) => {
      expect((await api.call('alice', 'GET', `${requests}?${query}`)).status).toBe(400);
    },
  );
});
