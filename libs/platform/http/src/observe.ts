/** What every request leaves behind: a duration, a log line, a span, and its trace's context. */
import type { Log, Metrics } from '@windlass/telemetry';
import { startSpan } from '@windlass/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from './raw-answers.ts';

/** Routes that probes and scrapers call every few seconds: logged at debug, without spans. */
export const probePaths: ReadonlySet<string> = new Set([
  '/health',
  '/actuator/health',
  '/ready',
  '/metrics',
  '/info',
]);

/** Where the client left before the answer: nginx's number for it. */
const clientLeftStatus = 499;

/** Label of requests that fit no route: their paths would make a series each. */
const unmatchedRoute = 'unmatched';

export function observeRequests(server: FastifyInstance, log: Log, metrics: Metrics): void {
  const duration = metrics.histogram(
    'http_request_duration_seconds',
    'From the arrival of the headers to the end of the answer.',
    ['method', 'route', 'status'],
  );
  const inFlight = metrics.gauge('http_requests_in_flight', 'Requests that are being answered.');

  server.addHook('onRequest', (request, reply, done) => {
    const startedMs = performance.now();
    const route = request.routeOptions.url ?? unmatchedRoute;
    const { method } = request;
    const isProbe = probePaths.has(route);
    const span = isProbe
      ? null
      : startSpan(
          `${method} ${route}`,
          { 'http.request.method': method, 'http.route': route },
          'server',
          headerText(request, 'traceparent'),
        );
    inFlight.inc();
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : clientLeftStatus;
      const durationMs = performance.now() - startedMs;
      inFlight.dec();
      duration.observe({ method, route, status: String(status) }, durationMs / 1000);
      span?.setAttribute('http.response.status_code', status);
      span?.end(status >= 500 ? new Error(`status ${status}`) : undefined);
      const event = isProbe ? log.debug : log.info;
      event('http_request', fieldsOf(request, reply, status, durationMs));
    });
    if (span === null) done();
    else span.run(done);
  });
}

function fieldsOf(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  durationMs: number,
): Readonly<Record<string, unknown>> {
  const requestId = reply.getHeader('x-request-id');
  return {
    method: request.method,
    path: pathOf(request.url),
    status,
    duration_ms: Math.round(durationMs * 100) / 100,
    ...(typeof requestId === 'string' && { request_id: requestId }),
  };
}

function headerText(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
