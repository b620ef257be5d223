import { WindlassError } from '@windlass/errors';
import { currentTraceparent } from '@windlass/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeHttpServer } from './close.ts';
import { type DemoServer, startDemoServer } from './demo-server.fixture.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

const number = { type: 'number', minimum: -1_000, maximum: 1_000 };
const numbersSchema = {
  params: { type: 'object', properties: { id: number } },
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: { limit: number, exact: number, sizes: { type: 'array', items: number } },
  },
  headers: { type: 'object', properties: { 'x-budget': number } },
};

let demo: DemoServer;
beforeAll(async () => {
  demo = await startDemoServer({}, (server) => {
    server.get('/bug', () => {
      throw new TypeError('hunter2 is undefined');
    });
    server.get('/away', () => Promise.reject(refused));
    server.get('/limited', () => {
      throw new WindlassError('rate-limited', 'too often', { retryAfterMs: 2_500 });
    });
    server.post('/unique', { schema: { body: { type: 'array', uniqueItems: true } } }, (request) =>
      Promise.resolve(request.body),
    );
    server.get('/numbers/:id', { schema: numbersSchema }, (request, reply) =>
      reply.send({ params: request.params, query: request.query }),
    );
    server.post('/traced', (request, reply) =>
      reply.send([request.body ?? null, currentTraceparent()]),
    );
    server.get(
      '/shaped',
      { schema: { response: { '4xx': { type: 'object', properties: {} } } } },
      () => {
        throw new WindlassError('conflict', 'busy', { extra: { holder: 'me' } });
      },
    );
  });
});
afterAll(() => closeHttpServer(demo.server, 1_000));

type Answer = { readonly status: number; readonly body: unknown; readonly headers: Headers };

async function call(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${demo.url}${path}`, { method, ...init });
  const text = await response.text();
  const body: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, body, headers: response.headers };
}

function callJson(method: string, path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return call(method, path, { headers, body: JSON.stringify(body) });
}

const smallest = { identifier: 'web', image: 'nginx:1.27' };

describe('validation', () => {
  it('lets a valid request through, with defaults', async () => {
    const { status, body } = await callJson('POST', '/things?limit=5&all=true', smallest);
    expect(status).toBe(202);
    expect(body).toEqual({ body: { ...smallest, replicas: 1 }, query: { limit: 5, all: true } });
  });

  it('takes no number beyond a double for one within the bounds, in path, query and headers', async () => {
    const query = 'limit=1e400&foo=1&sizes=1&sizes=-1e400&exact=NaN';
    const { status, body } = await call('GET', `/numbers/1e400?${query}`, {
      headers: { 'x-budget': '1e999' },
    });
    expect(status).toBe(400);
    const tooLarge = { message: 'is too large a number' };
    expect(Object(body).errors).toEqual([
      { field: 'path.id', ...tooLarge },
      { field: 'query.foo', message: 'is not a known parameter' },
      { field: 'query.exact', message: 'must be a number' },
      { field: 'query.limit', ...tooLarge },
      { field: 'query.sizes[1]', ...tooLarge },
      { field: 'header.x-budget', ...tooLarge },
    ]);
    const alone = await call('POST', '/things?limit=1e400', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(smallest),
    });
    expect(Object(alone.body).errors).toEqual([{ field: 'query.limit', ...tooLarge }]);
    expect((await call('GET', '/numbers/1?limit=1e2&sizes=2&sizes=3')).body).toEqual({
      params: { id: 1 },
      query: { limit: 100, sizes: [2, 3] },
    });
  });

  it('names every bad field of body and query in one answer, with limits', async () => {
    const { status, body, headers } = await callJson('POST', '/things?limit=101&foo=1&dryRun=x', {
      identifier: 'Web!',
      replicas: 1001,
      paused: 'true',
      extra: 1,
      spec: { foo: 1, ports: [{ containerPort: 0 }, {}, { containerPort: '80' }] },
      labels: { 'app.kubernetes.io/name': 7 },
    });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ code: 'validation-failed', instance: '/things', status: 400 });
    const { errors } = Object(body);
    expect(
      errors.toSorted((a: { field: string }, b: { field: string }) => (a.field < b.field ? -1 : 1)),
    ).toEqual([
      { field: 'extra', message: 'is not a known field' },
      { field: 'identifier', message: 'must match ^[a-z0-9-]+$', limit: '^[a-z0-9-]+$' },
      { field: 'image', message: 'is required' },
      { field: 'labels["app.kubernetes.io/name"]', message: 'must be a string' },
      { field: 'paused', message: 'must be a boolean' },
      { field: 'query.dryRun', message: 'must be one of server', limit: 'server' },
      { field: 'query.foo', message: 'is not a known parameter' },
      { field: 'query.limit', message: 'must be at most 100', limit: 100 },
      { field: 'replicas', message: 'must be at most 1000', limit: 1000 },
      { field: 'spec.foo', message: 'is not a known field' },
      { field: 'spec.ports', message: 'must have at most 2 items', limit: 2 },
      { field: 'spec.ports[0].containerPort', message: 'must be at least 1', limit: 1 },
      { field: 'spec.ports[1].containerPort', message: 'is required' },
      { field: 'spec.ports[2].containerPort', message: 'must be an integer' },
    ]);
  });

  it('makes numbers of texts in the query, never in the body', async () => {
    const { body } = await callJson('POST', '/things?limit=7', { ...smallest, replicas: '7' });
    expect(body).toMatchObject({ errors: [{ field: 'replicas', message: 'must be an integer' }] });
  });

  it('adds what no schema names: NUL, half surrogates, names that reach the prototype', async () => {
    const text = `{"identifier":"web","image":"a\\u0000","labels":{"a":"\\ud800","__proto__":"x"},"foo":1}`;
    const { status, body } = await call('POST', '/things?limit=0', {
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    expect(status).toBe(400);
    expect(Object(body).errors).toEqual(
      expect.arrayContaining([
        { field: 'image', message: 'must not contain the NUL character' },
        { field: 'labels.a', message: 'must not contain half of a surrogate pair' },
        { field: 'labels.__proto__', message: 'is not a known field' },
        { field: 'foo', message: 'is not a known field' },
        { field: 'query.limit', message: 'must be at least 1', limit: 1 },
      ]),
    );
  });

  it('says that a body is missing', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const init of [{ headers }, {}]) {
      const { status, body } = await call('POST', '/things', init);
      expect([status, Object(body).errors]).toEqual([
        400,
        [{ field: 'body', message: 'is required' }],
      ]);
    }
  });

  it('names a bounded number of fields, however many are bad', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n]));
    const { status, body } = await callJson('POST', '/things', many);
    expect([status, Object(body).errors.length]).toEqual([400, 100]);
  });
});

function post(
  body: string | Uint8Array<ArrayBuffer>,
  contentType = 'application/json',
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return call('POST', '/open', { headers: { 'content-type': contentType, ...more }, body });
}

describe('bodies', () => {
  it.each([
    ['{"a":', 'malformed-body'],
    ['{"a":01}', 'malformed-body'],
    ["{'a':1}", 'malformed-body'],
    ['\ufeff\ufeff{}', 'malformed-body'],
    ['undefined', 'malformed-body'],
    [new Uint8Array([0x22, 0xff, 0x22]), 'malformed-body'],
    ['1e999', 'validation-failed'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'validation-failed'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'validation-failed'],
    ['{"constructor":{"prototype":{"polluted":1}}}', 'validation-failed'],
  ])('%# is refused with 400 %s', async (body, code) => {
    const answer = await post(body);
    expect([answer.status, Object(answer.body).code]).toEqual([400, code]);
  });

  it.each([
    ['{"a":1,"a":2}', { a: 2 }],
    ['null', null],
    ['"text"', 'text'],
    [`${'['.repeat(32)}${']'.repeat(32)}`, expect.any(Array)],
    ['{"constructor":"x","prototype":"y"}', { constructor: 'x', prototype: 'y' }],
    ['\ufeff{}', {}],
  ])('%s is taken', async (body, expected) => {
    expect(await post(body)).toMatchObject({ status: 200, body: { body: expected } });
  });

  it('keeps what is too deep from validators, which recurse', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await call('POST', '/unique', { headers, body: `[${deep},${deep}]` });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
  });

  it('takes what is exactly as long as it may be, and refuses one byte more', async () => {
    const most = 256 * 1024;
    expect(await post(`"${'a'.repeat(most - 2)}"`)).toMatchObject({ status: 200 });
    const { status, body } = await post(`"${'a'.repeat(most - 1)}"`);
    expect(status).toBe(413);
    expect(body).toMatchObject({ code: 'body-too-large', errors: [{ limit: most }] });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'nonsense',
    'a/b; c',
  ])('refuses the media type %j', async (contentType) => {
    const { status, body } = await post('{}', contentType);
    expect([status, Object(body).code]).toEqual([415, 'unsupported-media-type']);
  });

  it('refuses a content encoding, takes a charset', async () => {
    expect(await post('{}', 'application/json', { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
    });
    expect(await post('{}', 'Application/JSON; charset=utf-8')).toMatchObject({ status: 200 });
  });
});

describe('addresses and methods', () => {
  it('answers an unknown path with 404, also where the body is malformed', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: '{' };
    expect(await call('POST', '/nothing', init)).toMatchObject({
      status: 404,
      body: { code: 'not-found', instance: '/nothing', errors: [] },
    });
  });

  it.each([
    ['PUT', '/things', 'OPTIONS, POST'],
    ['POST', '/things/1', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['DELETE', '/health', 'GET, HEAD, OPTIONS'],
    ['PROPFIND', '/things', 'OPTIONS, POST'],
  ])('answers %s %s with 405 and what is allowed', async (method, path, allow) => {
    const { status, body, headers } = await call(method, path);
    expect([status, Object(body).code, headers.get('allow')]).toEqual([
      405,
      'method-not-allowed',
      allow,
    ]);
  });

  it('answers OPTIONS with what is allowed, and HEAD like GET without a body', async () => {
    const options = await call('OPTIONS', '/things/1');
    expect(options.status).toBe(204);
    expect(options.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PATCH');
    const head = await call('HEAD', '/things/1');
    expect([head.status, head.body, head.headers.get('content-length')]).toEqual([200, null, '21']);
  });

  it.each([
    ['/things/%zz', 400, 'malformed-request'],
    ['/things/%ff', 400, 'malformed-request'],
    ['/things/a%00b', 400, 'validation-failed'],
    [`/things/${'a'.repeat(513)}`, 414, 'uri-too-long'],
    [`/things/1?q=${'a'.repeat(9_000)}`, 414, 'uri-too-long'],
    ['/things/1?q=%00', 400, 'validation-failed'],
    ['/things/1?q=%zz', 200, undefined],
  ])('answers %s properly', async (path, status, code) => {
    const answer = await call('GET', path);
    expect([answer.status, Object(answer.body).code]).toEqual([status, code]);
  });

  it('never repeats the query: it may hold a secret', async () => {
    const { body } = await call('GET', '/nothing?token=hunter2');
    expect(body).toMatchObject({ instance: '/nothing' });
    expect(JSON.stringify([body, demo.entries])).not.toContain('hunter2');
  });
});

describe('failures of ours', () => {
  it('tells nothing about a bug, and logs it once with its cause', async () => {
    const { status, body } = await call('GET', '/bug');
    expect([status, Object(body).code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    const logged = demo.entries.filter(({ path, error }) => path === '/bug' && error !== undefined);
    expect(logged).toMatchObject([
      { level: 'error', msg: 'http_request_failed', error: { name: 'TypeError' } },
    ]);
  });

  it('does not log what the caller did wrong as a failure', async () => {
    await call('GET', '/nothing/wrong');
    const lines = demo.entries.filter(({ path }) => path === '/nothing/wrong');
    expect(lines.map(({ msg }) => msg)).toEqual(['http_request']);
  });

  it('answers a dependency that is away with 503 and Retry-After', async () => {
    const { status, body, headers } = await call('GET', '/away');
    expect([status, Object(body).code, headers.get('retry-after')]).toEqual([
      503,
      'unavailable',
      '1',
    ]);
    expect(JSON.stringify(body)).not.toContain('ECONNREFUSED');
  });

  it('rounds Retry-After up to whole seconds', async () => {
    const { status, headers } = await call('GET', '/limited');
    expect([status, headers.get('retry-after')]).toEqual([429, '3']);
  });

  it('keeps the whole problem document where a route has a schema for the status', async () => {
    const { status, body, headers } = await call('GET', '/shaped');
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'conflict', detail: 'busy', holder: 'me' });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('what a request leaves behind', () => {
  it('runs under the traceparent that came in, also after the body was read', async () => {
    const headers = { traceparent, 'content-type': 'application/json' };
    const traced = await call('POST', '/traced', { headers, body: '{"a":1}' });
    expect(traced.body).toEqual([{ a: 1 }, traceparent]);
    const untraced = await call('POST', '/traced', { headers: { traceparent: 'nonsense' } });
    expect(untraced.body).toEqual([null, null]);
  });

  it('is one log line with path, status and duration', async () => {
    await call('GET', '/things/logged?secret=1');
    const lines = demo.entries.filter(({ path }) => path === '/things/logged');
    expect(lines).toMatchObject([
      { level: 'info', msg: 'http_request', method: 'GET', status: 200, app: 'demo' },
    ]);
    expect(lines[0]?.['duration_ms']).toBeTypeOf('number');
  });

  it('is a duration by route, method and status, and no series per path', async () => {
    await Promise.all([call('GET', '/things/one'), call('GET', '/things/two')]);
    await Promise.all([call('GET', '/nothing/one'), call('GET', '/nothing/two')]);
    const text = await demo.metrics.text();
    expect(text).toMatch(
      /duration_seconds_count\{.*method="GET",route="\/things\/:id",status="200"\} /,
    );
    expect(text).toMatch(
      /duration_seconds_count\{.*method="GET",route="unmatched",status="404"\} /,
    );
    expect(text).not.toContain('/nothing');
    expect(text).toContain('windlass_http_requests_in_flight{app="demo"} 0');
  });
});
