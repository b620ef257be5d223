/** The server with its routes, not listening yet. */

import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { WindlassError } from '@windlass/errors';
import type { FastifyInstance } from 'fastify';
import { auditRefusals } from './audit/audit-hook.ts';
import type { RefusalAudit } from './audit/refusals.ts';
import type { Access } from './auth/authenticate.ts';
import { guardRoutes } from './auth/guard.ts';
import type { RouteDependencies } from './dependencies.ts';
import { openapiOptions } from './openapi/description.ts';
import { serveSwaggerUi } from './openapi/swagger-ui.ts';
import { routes } from './routes/index.ts';
import { pingRoute } from './routes/ping.ts';
import { namedSchemas } from './schemas/index.ts';

export type ApiServerOptions = {
  readonly deps: RouteDependencies;
  readonly access: Access;
  readonly refusals: RefusalAudit;
  /** Requests per user and window; max 0: no limit. */
  readonly rateLimit: { readonly max: number; readonly windowMs: number };
};

/** Users whose counts are kept; the one that was quiet longest is forgotten first. */
const rateLimitedUsersMax = 10_000;

export async function addApi(server: FastifyInstance, options: ApiServerOptions): Promise<void> {
  for (const schema of namedSchemas) server.addSchema(schema);
  await server.register(swagger, openapiOptions);
  serveDocument(server);
  await serveSwaggerUi(server);
  pingRoute(server.withTypeProvider<TypeBoxTypeProvider>(), options.deps.nowMs);
  await server.register(async (api) => {
    api.decorateRequest('caller');
    guardRoutes(api, options.access.authenticate, options.access.challenge);
    auditRefusals(api, options.refusals);
    await limitRates(api, options.rateLimit);
    const typed = api.withTypeProvider<TypeBoxTypeProvider>();
    for (const addRoute of routes) addRoute(typed, options.deps);
  });
}

/** The document is made once, after the last route was added. */
function serveDocument(server: FastifyInstance): void {
  let text: string | null = null;
  server.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    text ??= JSON.stringify(server.swagger());
    return reply.type('application/json; charset=utf-8').send(text);
  });
}

async function limitRates(
  api: FastifyInstance,
  { max, windowMs }: ApiServerOptions['rateLimit'],
): Promise<void> {
  if (max === 0) return;
  await api.register(rateLimit, {
    max,
    timeWindow: windowMs,
    cache: rateLimitedUsersMax,
    // After the caller is known, before the body is read.
    hook: 'preParsing',
    keyGenerator: (request) => request.caller.userId,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) =>
      new WindlassError('rate-limited', `More than ${max} requests in ${windowMs} ms.`, {
        retryAfterMs: ttl,
      }),
  });
}
