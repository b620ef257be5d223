/**
 * No request, however malformed, gets a 5xx: every operation of the OpenAPI document, with inputs
 * that begin valid and are then spoilt. Seeded; a failure names the seed and the request.
 */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { type Random, seededRandom } from '@windlass/base';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenapiDocument, openapiDocument } from './openapi/document.ts';
import { bodyBytes, mutated, oddText } from './testing/fuzz-values.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';
import { endOldest, showDeployment } from './testing/worker-stand-in.ts';

/** Requests per operation and seed: 24 operations x 30 x 3. */
const callsMax = 30;
/** Runs without a cluster: what needs one may say so, and nothing else may fail. */
const noCluster = 'This server has no access to a cluster.';

type Operation = {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly body: unknown;
};

type Call = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | null;
};

let api: TestApi;
let operations: readonly Operation[];
/** Ids that exist, so that not everything ends at 404. */
type Known = {
  readonly requests: readonly string[];
  readonly deployments: readonly string[];
  readonly letters: readonly string[];
};

beforeAll(async () => {
  api = await startTestApi({ nats: null });
  operations = operationsOf(await openapiDocument());
});
afterAll(() => api.stop());

/** Deployments of one seed's own: some are deleted on the way. */
async function makeKnown(seed: number): Promise<Known> {
  const requests: string[] = [];
  const identifiers = Array.from({ length: 12 }, (_, index) => `fuzz-${seed}-${index}`);
  for (const identifier of identifiers) {
    const made = await api.call('fuzzer', 'POST', '/api/v1/deployments/requests/create', {
      body: { identifier, image: 'nginx:1.27' },
    });
    requests.push(made.body.id, made.body.requestId);
    await showDeployment(api.store, made.body);
  }
  await endOldest(api.store, `fuzz-${seed}-0`, { kind: 'failure', deadLetter: true });
  const letters = await api.call('fuzzer', 'GET', '/api/v1/dead-letters');
  return { requests, deployments: identifiers, letters: [letters.body.items[0].id] };
}

it.each([1, 2, 3])(
  'answers every spoilt request with less than 500 (seed %i)',
  async (seed) => {
    const random = seededRandom(`fuzz/${seed}`);
    const known = await makeKnown(seed);
    const statuses = new Map<number, number>();
    let calls = 0;
    for (const operation of operations) {
      for (let index = 0; index < callsMax; index += 1) {
        const call = callOf(
          operation,
          known,
          random.child(`${operation.method}${operation.path}${index}`),
        );
        const shown = `seed ${seed}: ${JSON.stringify({ ...call, body: call.body?.toString() })}`;
        const answer = await send(api.url, call).catch((error: unknown) => {
          throw new Error(`no answer to ${shown}`, { cause: error });
        });
        calls += 1;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.text.includes(noCluster)) continue;
        if (!isProper(answer)) throw new Error(`${shown}\n${answer.status} ${answer.text}`);
      }
    }
    expect(calls).toBe(operations.length * callsMax);
    // The mutations must reach the handlers too, not only the validation.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(20);
    expect(statuses.get(202) ?? 0).toBeGreaterThan(0);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(100);
    expect(api.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    expect((await api.call(null, 'GET', '/ready')).status).toBe(200);
  },
  240_000,
);

it('answers what is hardly HTTP, and goes on', async () => {
  const heads = [
    'GET / HTTP/9.9\r\n\r\n',
    'nonsense\r\n\r\n',
    'GET /api/v1/ping HTTP/1.1\r\n\r\n',
    `GET /api/v1/ping?${'x'.repeat(9_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nX-Big: ${'y'.repeat(20_000)}\r\n\r\n`,
    'GET /api/v1/%E0%A4%A HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /api/v1/deployments/requests/create HTTP/1.1\r\nHost: x\r\nX-User-ID: a\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n{}',
    'POST /api/v1/deployments/requests/create HTTP/1.1\r\nHost: x\r\nX-User-ID: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'PROPFIND /api/v1/deployments HTTP/1.1\r\nHost: x\r\nX-User-ID: a\r\n\r\n',
    'TRACE /api/v1/deployments HTTP/1.1\r\nHost: x\r\nX-User-ID: a\r\n\r\n',
  ];
  for (const head of heads) {
    const answer = await sendRaw(api.url, head);
    expect({ head, isRefused: /^HTTP\/1\.1 4\d\d /.test(answer) }).toEqual({
      head,
      isRefused: true,
    });
  }
  expect((await api.call(null, 'GET', '/api/v1/ping')).status).toBe(200);
});

/** Not an error of the server, and every refusal a problem document of its own status. */
function isProper({ status, contentType, text }: Sent): boolean {
  if (status < 400) return true;
  if (status >= 500 || !contentType.startsWith('application/problem+json')) return false;
  const problem: { readonly status?: unknown } = JSON.parse(text);
  return problem.status === status;
}

function operationsOf({ paths, components }: OpenapiDocument): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const content = Object.values(operation.requestBody?.content ?? {})[0];
      const name = content?.schema?.$ref?.split('/').at(-1);
      const examples = name === undefined ? undefined : components.schemas[name]?.examples;
      return {
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        body: examples?.at(-1) ?? content?.example ?? (content === undefined ? null : {}),
      };
    }),
  );
}

const sensible: Readonly<Record<string, readonly string[]>> = {
  limit: ['1', '200', '50'],
  status: ['CREATED', 'SUCCESS'],
  type: ['CREATE', 'DELETE'],
  namespace: ['default'],
  identifier: ['fuzz-a'],
  user: ['fuzzer'],
  dryRun: ['server'],
  timeoutSeconds: ['1'],
  tailLines: ['10'],
  previous: ['true'],
  'If-Match': ['"1"', '*', 'W/"1"', '"1", "2"'],
  'If-None-Match': ['"1"', '*'],
  'Last-Event-ID': ['0-0', '1-1'],
  'X-Request-ID': ['one', 'two'],
};

function callOf(operation: Operation, known: Known, random: Random): Call {
  const path = operation.path.replace('{id}', () => encodedId(operation.path, known, random));
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && random.chance(0.25))
    // Waiting for what never comes takes its time, and has its own tests.
    .filter(({ name }) => name !== 'wait')
    .map(
      ({ name }) => `${encodedName(name, random)}=${encodedValue(valueFor(name, random), random)}`,
    );
  if (random.chance(0.15)) query.push(`${encodedValue(oddText(random), random)}=1`);
  const headers: Record<string, string | string[]> = {
    'x-user-id': random.chance(0.95) ? 'fuzzer' : headerText(oddText(random)),
  };
  for (const { name } of operation.parameters.filter((parameter) => parameter.in === 'header')) {
    if (!random.chance(0.3)) continue;
    const value = headerText(valueFor(name, random));
    headers[name] = random.chance(0.1) ? [value, value] : value;
  }
  const hasBody = operation.body !== null || random.chance(0.1);
  const sent = random.chance(0.4) ? operation.body : mutated(operation.body ?? {}, random);
  const body = hasBody ? bodyBytes(sent, random) : null;
  if (body !== null) {
    headers['content-length'] = String(body.length);
    headers['content-type'] = random.chance(0.9)
      ? 'application/json'
      : headerText(random.pick(['text/plain', 'application/json; charset=utf-16', 'x', '/', ';']));
  }
  return {
    method: operation.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body,
  };
}

function encodedId(path: string, known: Known, random: Random): string {
  if (random.chance(0.2)) return encodedValue(oddText(random), random) || 'x';
  const kind = path.includes('/requests/')
    ? 'requests'
    : path.includes('/dead-')
      ? 'letters'
      : 'deployments';
  return encodeURIComponent(random.pick(known[kind]));
}

function encodedName(name: string, random: Random): string {
  return random.chance(0.05) ? `${name}[]` : name;
}

function valueFor(name: string, random: Random): string {
  const values = sensible[name];
  return values !== undefined && random.chance(0.6) ? random.pick(values) : oddText(random);
}

/** Percent-encoded, sometimes wrongly; lone surrogates as the bytes that they would be. */
function encodedValue(text: string, random: Random): string {
  const bytes = Buffer.from(text.replaceAll(/[\ud800-\udfff]/g, '\ufffd'));
  const encoded = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return random.chance(0.05) ? `${encoded}%E9%` : encoded;
}

/** What Node lets through as a header's value. */
function headerText(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}

type Sent = { readonly status: number; readonly contentType: string; readonly text: string };

function send(url: string, call: Call): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${url}/`,
      // A connection each: what one request leaves on it must not be taken for another's.
      { method: call.method, path: call.path, headers: call.headers, agent: false },
      (response) => {
        const contentType = response.headers['content-type'] ?? '';
        const status = response.statusCode ?? 0;
        if (contentType.startsWith('text/event-stream')) {
          response.destroy();
          resolve({ status, contentType, text: '' });
          return;
        }
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status, contentType, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on('error', reject);
    request.end(call.body ?? undefined);
  });
}

function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.once('data', (chunk: Buffer) => {
      resolve(chunk.toString());
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('end', () => resolve(''));
  });
}
