import { describe, expect, it } from 'vitest';
import { ApiProblem, ApiUnreachable, bodyOf, createApiClient } from './index.ts';
import { hang, hangUp, json, problem, startLocalApi } from './testing/local-api.ts';

const pong = json(200, { status: 'ok' });
const web = { identifier: 'web', image: 'nginx:1.27' };
const request = { id: 'r1', status: 'CREATED' };

describe('a call', () => {
  it('says who calls: the user, or a token that may change between tries', async () => {
    await using api = await startLocalApi(pong, problem(503, 'unavailable'), pong);
    const user = createApiClient({
      baseUrl: `${api.baseUrl}/`,
      userId: 'ada',
      headers: { a: 'b' },
    });
    expect(await bodyOf(user.GET('/api/v1/ping'))).toEqual({ status: 'ok' });
    expect(api.asked[0]).toMatchObject({
      url: '/api/v1/ping',
      headers: { 'x-user-id': 'ada', a: 'b' },
    });
    let tokens = 0;
    const bearer = createApiClient({
      baseUrl: api.baseUrl,
      token: async () => `t${(tokens += 1)}`,
    });
    await bearer.GET('/api/v1/ping');
    const sent = api.asked.slice(1).map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('throws the problem document', async () => {
    const errors = [{ field: 'body.image', message: 'is missing' }];
    const body = { code: 'validation-failed', title: 'Not valid', detail: 'One field.', errors };
    await using api = await startLocalApi(json(400, body, { 'retry-after': '3' }));
    const client = createApiClient({ baseUrl: api.baseUrl });
    const error = await client.GET('/api/v1/deployments').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ ...body, status: 400, retryAfterMs: 3_000 });
    expect(String(error)).toContain('400 validation-failed: One field. (body.image is missing)');
  });

  it('shows an answer that is no problem document, and follows no redirect', async () => {
    await using api = await startLocalApi(
      (response) => response.writeHead(500).end('<h1>nginx</h1>'),
      (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    );
    const client = createApiClient({ baseUrl: api.baseUrl, userId: 'ada' });
    const foreign = { code: 'unexpected-answer' };
    const call = () => client.GET('/api/v1/ping');
    await expect(call()).rejects.toMatchObject({
      ...foreign,
      status: 500,
      detail: '<h1>nginx</h1>',
    });
    await expect(call()).rejects.toMatchObject({ ...foreign, status: 302 });
    expect(api.asked).toHaveLength(2);
  });

  it('ends at its deadline', async () => {
    await using api = await startLocalApi(hang);
    const client = createApiClient({ baseUrl: api.baseUrl, deadlineMs: 50 });
    const error = await client.GET('/api/v1/ping').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiUnreachable);
    expect(error).toMatchObject({ reason: 'deadline', tries: 1 });
  });

  it('is repeated when the body breaks off', async () => {
    await using api = await startLocalApi((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":', () => response.destroy());
    }, pong);
    const client = createApiClient({ baseUrl: api.baseUrl });
    expect(await bodyOf(client.GET('/api/v1/ping'))).toEqual({ status: 'ok' });
  });

  it('hands through 304 and 204', async () => {
    await using api = await startLocalApi(
      (response) => response.writeHead(304).end(),
      (response) => response.writeHead(204).end(),
    );
    const client = createApiClient({ baseUrl: api.baseUrl });
    const unchanged = await client.GET('/api/v1/deployments/{id}', {
      params: { path: { id: 'web' }, header: { 'If-None-Match': '"1"' } },
    });
    expect(unchanged.response.status).toBe(304);
    const dropped = await client.DELETE('/api/v1/dead-letters/{id}', {
      params: { path: { id: 'x' } },
    });
    expect(dropped.response.status).toBe(204);
  });
});

describe('createRequest', () => {
  it('is one request under one id, however often it has to be sent', async () => {
    await using api = await startLocalApi(
      hangUp,
      problem(503, 'unavailable'),
      problem(429, 'rate-limited', { 'retry-after': '0' }),
      json(202, request),
      json(200, request),
    );
    const client = createApiClient({ baseUrl: api.baseUrl, userId: 'ada' });
    expect(await client.createRequest(web)).toEqual({ request, created: true });
    const ids = api.asked.map(({ headers }) => headers['x-request-id']);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    for (const { body } of api.asked) expect(JSON.parse(body)).toEqual(web);
    const again = await client.createRequest(web, { requestId: 'mine' });
    expect(again).toEqual({ request, created: false });
    expect(api.asked[4]?.headers['x-request-id']).toBe('mine');
  });
});

describe('list', () => {
  it('gives the items of all pages, with the same filters', async () => {
    await using api = await startLocalApi(
      json(200, { items: [{ identifier: 'a' }, { identifier: 'b' }], nextCursor: 'c/1' }),
      json(200, { items: [{ identifier: 'c' }], nextCursor: null }),
    );
    const client = createApiClient({ baseUrl: api.baseUrl });
    const items = client.list('/api/v1/deployments', { query: { health: 'Healthy', limit: 2 } });
    const identifiers: string[] = [];
    for await (const { identifier } of items) identifiers.push(identifier);
    expect(identifiers).toEqual(['a', 'b', 'c']);
    const queries = api.asked.map(({ url }) => url.split('?')[1]);
    expect(queries).toEqual(['health=Healthy&limit=2', 'health=Healthy&limit=2&cursor=c%2F1']);
  });

  it('fetches no page before it is needed', async () => {
    await using api = await startLocalApi(json(200, { items: [{}, {}], nextCursor: 'c' }));
    const client = createApiClient({ baseUrl: api.baseUrl });
    const path = { id: 'web' };
    for await (const _ of client.list('/api/v1/deployments/{id}/history', { path })) break;
    expect(api.asked.map(({ url }) => url)).toEqual(['/api/v1/deployments/web/history']);
  });
});

describe('waitForRequest', () => {
  const seen = (outcome: string) => json(200, { ...request, waited: { outcome } });

  it('looks until the request has ended, over a failure in passing', async () => {
    await using api = await startLocalApi(
      seen('timeout'),
      problem(504, 'deadline'),
      seen('interrupted'),
      seen('healthy'),
    );
    const client = createApiClient({ baseUrl: api.baseUrl });
    const waited = await client.waitForRequest('r1', { until: 'rollout', deadlineMs: 10_000 });
    expect(waited.waited.outcome).toBe('healthy');
    expect(api.asked).toHaveLength(4);
    expect(api.asked[0]?.url).toMatch(/\/requests\/r1\?wait=rollout&timeoutSeconds=10$/);
  });

  it('a failed request is an answer, an unknown one a problem', async () => {
    await using api = await startLocalApi(seen('failed'), problem(404, 'not-found'));
    const client = createApiClient({ baseUrl: api.baseUrl });
    expect((await client.waitForRequest('r1')).waited.outcome).toBe('failed');
    await expect(client.waitForRequest('r1')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('gives what it saw last when its deadline is over', async () => {
    await using api = await startLocalApi(seen('timeout'));
    const client = createApiClient({ baseUrl: api.baseUrl });
    const waited = await client.waitForRequest('r1', { deadlineMs: 150 });
    expect(waited).toMatchObject({ status: 'CREATED', waited: { outcome: 'timeout' } });
  });
});
