/**
 * Whatever the bytes, no 5xx and no crash: what is malformed is the client's fault. The requests
 * come from one seed, named in the failure; WINDLASS_SEED replays it.
 */
import { type Random, seededRandom } from '@windlass/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeHttpServer } from './close.ts';
import { type DemoServer, sendRaw, startDemoServer, statusesIn } from './demo-server.fixture.ts';

let demo: DemoServer;
beforeAll(async () => {
  demo = await startDemoServer();
});
afterAll(() => closeHttpServer(demo.server, 1_000));

const get = (target: string, headers = 'Host: x\r\nConnection: close') =>
  `GET ${target} HTTP/1.1\r\n${headers}\r\n\r\n`;
const post = (body: string, headers = `Content-Length: ${Buffer.byteLength(body)}`) =>
  `POST /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

describe('known kinds of malformed requests', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['another version', 'GET /info HTTP/3.0\r\nHost: x\r\n\r\n', 400],
    ['an unknown method', 'BREW /info HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a NUL in the target', 'GET /in\0fo HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a NUL in a header', get('/info', 'Host: x\r\nX: a\0b'), 400],
    ['a header without a colon', get('/info', 'Host: x\r\nnonsense'), 400],
    ['a space before the colon', get('/info', 'Host : x'), 400],
    ['no Host', get('/info', 'Connection: close'), 400],
    ['headers that are too large', get('/info', `Host: x\r\nX: ${'a'.repeat(17_000)}`), 431],
    ['too many headers', get('/info', `Host: x\r\n${'A: b\r\n'.repeat(5_000)}C: d`), 431],
    ['a target that is too long', get(`/${'a'.repeat(9_000)}`), 414],
    ['an invalid escape', get('/things/%'), 400],
    ['a relative target', get('things'), 400],
    ['a length that is no number', post('{}', 'Content-Length: abc'), 400],
    ['a negative length', post('{}', 'Content-Length: -1'), 400],
    ['a length beyond any number', post('{}', 'Content-Length: 99999999999999999999'), 400],
    ['two lengths', post('{}', 'Content-Length: 2\r\nContent-Length: 3'), 400],
    [
      'a length and chunks',
      post('2\r\n{}\r\n0\r\n\r\n', 'Content-Length: 2\r\nTransfer-Encoding: chunked'),
      400,
    ],
    ['a chunk size that is no number', post('zz\r\n{}\r\n', 'Transfer-Encoding: chunked'), 400],
    ['an unknown transfer encoding', post('{}', 'Transfer-Encoding: gzip'), 400],
    ['a length above the limit', post('', 'Content-Length: 262145'), 413],
    [
      'chunks above the limit',
      post(`50000\r\n${'a'.repeat(0x50000)}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'),
      413,
    ],
    ['an expectation that can not be met', post('{}', 'Content-Length: 2\r\nExpect: bananas'), 417],
    ['CONNECT', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', 405],
  ])('%s', async (_, bytes, status) => {
    const received = await sendRaw(demo.port, Buffer.from(bytes, 'latin1'));
    expect(answerIn(received)).toEqual(refusal(status));
  });

  it('answers a request that is good, with the bad one after it refused', async () => {
    const received = await sendRaw(demo.port, `${get('/info', 'Host: x')}nonsense\r\n\r\n`);
    expect(statusesIn(received)[0]).toBe(200);
    expect(
      statusesIn(received)
        .slice(1)
        .every((status) => status === 400),
    ).toBe(true);
  });
});

describe('requests that never come to their end', () => {
  it.each([
    ['a body that never comes', post('{', 'Content-Length: 100')],
    ['headers that never end', 'GET /info HTTP/1.1\r\nHost: x\r\n'],
  ])('%s', async (_, bytes) => {
    const impatient = await startDemoServer({
      limits: { requestTimeoutMs: 200, headersTimeoutMs: 100, timeoutCheckIntervalMs: 20 },
    });
    expect(answerIn(await sendRaw(impatient.port, bytes))).toEqual(refusal(408));
    await closeHttpServer(impatient.server, 1_000);
  });
});

/** What came back, taken apart: the answers' statuses, and the first one as a problem document. */
function answerIn(received: string) {
  const isProblem = received.toLowerCase().includes('content-type: application/problem+json');
  const problem: unknown = JSON.parse(received.slice(received.indexOf('\r\n\r\n') + 4));
  return { statuses: statusesIn(received), isProblem, problem };
}

function refusal(status: number) {
  const problem = expect.objectContaining({ status, type: expect.stringMatching(/^https:/) });
  return { statuses: [status], isProblem: true, problem };
}

const requestsCount = 500;
const inFlight = 250;
/** Some wait for more, so each batch takes this long; far over what an answer takes. */
const quietMs = 200;

describe('random malformed requests', () => {
  it('never make the server fail', { timeout: 60_000 }, async () => {
    const seed = process.env['WINDLASS_SEED'] ?? 'malformed-1';
    const random = seededRandom(seed);
    const requests = Array.from({ length: requestsCount }, () => randomRequest(random));
    const seen = new Map<number, number>();
    for (let first = 0; first < requests.length; first += inFlight) {
      const batch = requests.slice(first, first + inFlight);
      const answers = await Promise.all(batch.map((bytes) => sendRaw(demo.port, bytes, quietMs)));
      for (const [index, received] of answers.entries()) {
        for (const status of statusesIn(received)) {
          seen.set(status, (seen.get(status) ?? 0) + 1);
          const request = batch[index]?.toString('latin1').slice(0, 500);
          expect(status, `seed ${seed}: ${JSON.stringify(request)}`).toBeLessThan(500);
        }
      }
    }
    // The generator must reach far: good answers, and refusals by parser, router and schema.
    expect([...seen.keys()]).toEqual(expect.arrayContaining([202, 400, 404, 405, 415]));
    expect(demo.entries.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await fetch(`${demo.url}/health`)).status).toBe(200);
  });
});

/** A request put together from good and bad parts, then damaged in some places. */
function randomRequest(random: Random): Buffer {
  const body = randomBody(random);
  // Many have a good head, so that their bodies reach the schema and the handler.
  if (random.chance(0.3)) return Buffer.from(post(body.toString()));
  const method = random.pick([
    'GET',
    'POST',
    'POST',
    'POST',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'HEAD',
    'PUT',
    'TRACE',
    'get',
    '',
  ]);
  const target = random.pick([
    '/things',
    '/things',
    '/things?limit=5',
    '/things?limit[]=5&limit=a&__proto__=1&%00=%ff',
    '/things/1',
    '/things/%00',
    '/things/%ED%A0%80',
    '/things/..%2f..%2fetc',
    '//things',
    '/things;a=b',
    '*',
    'http://x/things',
    '/nothing',
    '/open',
    '/ä',
    '',
  ]);
  const headers = [
    random.pick(['Host: x', 'Host: x', 'Host: x', 'Host:', 'host: a, b', '']),
    random.pick([
      'Content-Type: application/json',
      'Content-Type: application/json',
      'Content-Type: text/plain',
      'Content-Type: ;;',
      'Content-Type: application/json; charset=ü',
      '',
    ]),
    random.pick([
      `Content-Length: ${body.length}`,
      `Content-Length: ${body.length}`,
      `Content-Length: ${body.length + random.integer(-3, 3)}`,
      'Content-Length: 1e3',
      'Transfer-Encoding: chunked',
      '',
    ]),
    random.pick([
      '',
      '',
      'Accept: nonsense;;q=9',
      'Accept-Version: 1.x',
      'X-Forwarded-For: \xff, ::1, a',
      'traceparent: 00-x',
      'Expect: 100-continue',
      'Upgrade: websocket\r\nConnection: upgrade',
      'Content-Encoding: gzip',
      'Cookie: =;=;',
    ]),
    random.pick(['Connection: close', 'Connection: keep-alive', '']),
  ].filter((line) => line !== '');
  const version = random.pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9']);
  const head = `${method} ${target} ${version}\r\n${headers.join('\r\n')}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body]);
  return random.chance(0.3) ? damaged(bytes, random) : bytes;
}

function randomBody(random: Random): Buffer {
  const good = '{"identifier":"web","image":"nginx:1.27"}';
  const text = random.pick([
    good,
    good,
    '',
    '{}',
    '[]',
    'null',
    '"\\ud800"',
    '{"identifier":"a\\u0000","image":{}}',
    '{"__proto__":{"identifier":"x"},"identifier":"web","image":"x"}',
    '{"constructor":{"prototype":1},"identifier":["web"],"image":1e999}',
    '{"identifier":"web","identifier":5,"image":"x","replicas":-0}',
    '{"identifier":"web","image":"x","replicas":1e308,"labels":{"":""}}',
    '{"identifier":"web","image":"x","spec":{"ports":[{"containerPort":80.5},null,[]]}}',
    `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    '['.repeat(20_000),
    '0\r\n\r\n',
  ]);
  return Buffer.from(text, 'utf8');
}

/** Some bytes changed, removed or repeated. */
function damaged(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let change = random.integer(1, 4); change > 0; change -= 1) {
    const at = random.integer(0, Math.max(0, result.length - 1));
    const byte = Buffer.from([
      random.pick([0, 10, 13, 32, 34, 58, 127, 255, random.integer(0, 255)]),
    ]);
    const rest = result.subarray(at + random.integer(0, 2));
    result = Buffer.concat([result.subarray(0, at), byte, rest]);
  }
  return result;
}
