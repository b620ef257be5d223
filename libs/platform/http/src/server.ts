/**
 * An HTTP server with everything that all of ours have in common. Whatever arrives gets a proper
 * answer: what is wrong with a request is never an error of the server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assert } from '@windlass/base';
import { problemMediaType, toProblem, WindlassError } from '@windlass/errors';
import type { Health } from '@windlass/lifecycle';
import type { Log, Metrics } from '@windlass/telemetry';
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
  type RawServerDefault,
} from 'fastify';
import { followRoutes } from './allowed-methods.ts';
import { endConnectionsAtClose } from './close.ts';
import { readJsonBody } from './json-body.ts';
import { knownError, retryAfterMsDefault } from './known-errors.ts';
import { defaultHttpLimits, type HttpLimits } from './limits.ts';
import { observeRequests } from './observe.ts';
import { addProbes, type ProbeOptions } from './probes.ts';
import {
  answerOddRequests,
  answerOnResponse,
  answerOnSocket,
  connectionProblem,
  pathOf,
} from './raw-answers.ts';
import { unsafeRequest } from './request-problems.ts';
import { type SchemaOptions, type SharedSchemas, validatorsOver } from './validators.ts';

export type HttpServerOptions = {
  readonly app: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
  /** See ProbeOptions. */
  readonly info?: ProbeOptions['info'];
  readonly limits?: Partial<HttpLimits>;
  /** Proxies whose X-Forwarded-* headers are believed; none by default. */
  readonly trustProxy?: NonNullable<FastifyServerOptions['trustProxy']>;
  readonly ajv?: SchemaOptions;
};

export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const limits = { ...defaultHttpLimits, ...options.limits };
  const server = bareServer(options, limits);
  server.server.maxConnections = limits.connectionsMax;
  server.server.headersTimeout = limits.headersTimeoutMs;
  answerOddRequests(server.server);

  const methodsOf = followRoutes(server);
  observeRequests(server, options.log, options.metrics);
  refuseEarly(server, limits, methodsOf);
  readBodies(server);
  server.setErrorHandler((error, request, reply) => {
    const known = knownError(error, request, limits);
    logFailure(options.log, known, request);
    return sendProblem(known, request, reply);
  });
  server.setNotFoundHandler((request, reply) => {
    const error = answerUnrouted(request, reply, methodsOf);
    return error === null ? reply : sendProblem(error, request, reply);
  });
  addProbes(server, options);
  endConnectionsAtClose(server);
  return server;
}

/** Where a server listens. */
export type Listening = { readonly url: string; readonly port: number };

/** Listens; port 0 takes a free one. Rejects where the address is taken or not ours. */
export async function listen(
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const url = await server.listen({ host, port });
  const address: AddressInfo | string | null = server.server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address and port');
  return { url, port: address.port };
}

/** Fastify with our limits, and answers of our own where it has no reply object yet. */
function bareServer(options: HttpServerOptions, limits: HttpLimits): FastifyInstance {
  const refusals = options.metrics.counter(
    'http_refusals_total',
    'Connections that broke off or sent what is not HTTP, by the answer.',
    ['code'],
  );
  return fastify<RawServerDefault, IncomingMessage, ServerResponse>({
    logger: false,
    trustProxy: options.trustProxy ?? false,
    bodyLimit: limits.bodyBytesMax,
    connectionTimeout: limits.idleTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    forceCloseConnections: 'idle',
    // Requests on open connections are still answered while the server closes.
    return503OnClosing: false,
    routerOptions: { maxParamLength: limits.paramLengthMax },
    http: {
      maxHeaderSize: limits.headersBytesMax,
      connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
      // Checked in refuseEarly, as Node's own answer has no body.
      requireHostHeader: false,
    },
    schemaController: {
      compilersFactory: {
        buildValidator: (schemas: SharedSchemas) => validatorsOver(schemas, options.ajv ?? {}),
      },
    },
    clientErrorHandler: (error, socket) => {
      const problem = connectionProblem(error, limits);
      refusals.inc({ code: problem?.code ?? 'gone' });
      answerOnSocket(socket, problem);
    },
    frameworkErrors: (error, request, reply) => {
      const problem = knownError(error, null, limits);
      refusals.inc({ code: problem.code });
      answerOnResponse(request.raw, reply.raw, problem);
    },
  });
}

/** Refuses, before a body is read, what can't be answered anyway. */
function refuseEarly(
  server: FastifyInstance,
  limits: HttpLimits,
  methodsOf: (path: string) => readonly string[],
): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff');
    if (request.url.length > limits.urlLengthMax) {
      done(uriTooLong(limits.urlLengthMax));
    } else if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      done(new WindlassError('malformed-request', 'The Host header is missing.'));
    } else if (request.is404) {
      const error = answerUnrouted(request, reply, methodsOf);
      if (error !== null) done(error);
    } else {
      done();
    }
  });
  server.addHook('preValidation', (request, _reply, done) => {
    done(unsafeRequest(request, limits) ?? undefined);
  });
}

function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done) => {
      const encoding = request.headers['content-encoding'] ?? 'identity';
      if (encoding !== 'identity') {
        const detail = 'Bodies must come without a content encoding.';
        done(new WindlassError('unsupported-media-type', detail));
        return;
      }
      const read = readJsonBody(body);
      if (read.ok) done(null, read.value);
      else done(read.error);
    },
  );
}

/** No route: answers OPTIONS (null), or says whether the path or the method is at fault. */
function answerUnrouted(
  request: FastifyRequest,
  reply: FastifyReply,
  methodsOf: (path: string) => readonly string[],
): WindlassError | null {
  const methods = methodsOf(pathOf(request.url));
  if (methods.length === 0) return new WindlassError('not-found', 'Nothing is at this address.');
  reply.header('allow', methods.join(', '));
  if (request.method === 'OPTIONS') {
    void reply.code(204).send();
    return null;
  }
  const detail = `${request.method} is not allowed here; ${methods.join(', ')} are.`;
  return new WindlassError('method-not-allowed', detail);
}

function sendProblem(
  error: WindlassError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const retryAfterMs = error.retryAfterMs ?? defaultRetryAfterMs(error);
  if (retryAfterMs !== null) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  // Sent as text: a route's schema for this status must not drop members of the document.
  return reply
    .code(error.status)
    .header('cache-control', 'no-store')
    .type(problemMediaType)
    .serializer(String)
    .send(JSON.stringify(toProblem(error, pathOf(request.url))));
}

function defaultRetryAfterMs({ code }: WindlassError): number | null {
  const waits = code === 'rate-limited' || code === 'unavailable' || code === 'queue-full';
  return waits ? retryAfterMsDefault : null;
}

function uriTooLong(limit: number): WindlassError {
  return new WindlassError('uri-too-long', `The address is longer than ${limit} characters.`, {
    fields: [{ field: 'url', message: `must have at most ${limit} characters`, limit }],
  });
}

/** The one place where a failed request's cause is logged. Refusals are not failures. */
function logFailure(log: Log, error: WindlassError, request: FastifyRequest): void {
  if (error.status < 500) return;
  const about = { code: error.code, method: request.method, path: pathOf(request.url) };
  if (error.code !== 'internal') log.warn('http_request_failed', { ...about, error });
  else log.error('http_request_failed', { ...about, error: error.cause ?? error });
}
