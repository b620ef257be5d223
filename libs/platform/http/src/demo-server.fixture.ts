/** A small API over createHttpServer, and raw connections to it, for the tests beside this file. */
import net from 'node:net';
import { createHealth, type Health } from '@windlass/lifecycle';
import { createLog, createMetrics, type Metrics } from '@windlass/telemetry';
import type { FastifyInstance } from 'fastify';
import type { HttpServerOptions } from './server.ts';
import { createHttpServer, listen } from './server.ts';

export type DemoServer = {
  readonly server: FastifyInstance;
  readonly port: number;
  readonly url: string;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Parsed lines of the server's log, from debug on. */
  readonly entries: readonly Record<string, unknown>[];
};

const body = {
  type: 'object',
  additionalProperties: false,
  required: ['identifier', 'image'],
  properties: {
    identifier: { type: 'string', minLength: 1, maxLength: 63, pattern: '^[a-z0-9-]+$' },
    image: { type: 'string', maxLength: 512 },
    replicas: { type: 'integer', minimum: 0, maximum: 1000, default: 1 },
    paused: { type: 'boolean' },
    spec: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ports: {
          type: 'array',
          maxItems: 2,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['containerPort'],
            properties: { containerPort: { type: 'integer', minimum: 1, maximum: 65535 } },
          },
        },
      },
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

const querystring = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    dryRun: { type: 'string', enum: ['server'] },
    all: { type: 'boolean' },
  },
};

/** Adds the routes that the tests call, before it listens on a free port of 127.0.0.1. */
export async function startDemoServer(
  options: Partial<HttpServerOptions> = {},
  addRoutes: (server: FastifyInstance) => void = () => undefined,
): Promise<DemoServer> {
  const entries: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => entries.push(JSON.parse(line)) };
  const log = createLog({ app: 'demo', level: 'debug', format: 'json', destination });
  const metrics = createMetrics('demo');
  const health = createHealth();
  const server = createHttpServer({ app: 'demo', log, metrics, health, ...options });
  server.post('/things', { schema: { body, querystring } }, (request, reply) =>
    reply.code(202).send({ body: request.body, query: request.query }),
  );
  server.get('/things/:id', (request, reply) => reply.send({ params: request.params }));
  server.patch('/things/:id', { schema: { body } }, (request, reply) => reply.send(request.body));
  server.delete('/things/:id', (_request, reply) => reply.code(204).send());
  server.post('/open', (request, reply) => reply.send({ body: request.body ?? null }));
  addRoutes(server);
  const { port, url } = await listen(server, { host: '127.0.0.1', port: 0 });
  return { server, port, url, metrics, health, entries };
}

/**
 * Sends bytes over a connection of its own and gives all that comes back until the server closes
 * it, or until nothing came for a while (an answer that waits for more).
 */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  quietMs = 5_000,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    let received = '';
    const end = () => {
      socket.destroy();
      resolve(received);
    };
    socket.setTimeout(quietMs, end);
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
    });
    // A reset after an early answer is the server's right; what it said before counts.
    socket.on('error', end);
    socket.on('end', end);
  });
}

/** Statuses of all answers in what a connection received. */
export function statusesIn(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
