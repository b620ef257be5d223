/** GET /api/v1/events */
import { Type } from 'typebox';
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import type { StreamFilter } from '../events/event-streams.ts';
import { requireRequest } from '../requests/find-request.ts';
import { requestId } from '../schemas/primitives.ts';
import { identifierSchema } from '../schemas/request.ts';
import { problemResponses, textResponse } from '../schemas/responses.ts';

const eventIdLengthMax = 128;

const querySchema = Type.Object(
  {
    request: Type.Optional(requestId('Only events of this request.')),
    deployment: Type.Optional(identifierSchema),
    lastEventId: Type.Optional(
      Type.String({
        description: 'As Last-Event-ID, for clients that can not set headers.',
        maxLength: eventIdLengthMax,
      }),
    ),
  },
  { additionalProperties: false },
);

const headersSchema = Type.Object({
  'Last-Event-ID': Type.Optional(
    Type.String({
      description: 'The id of the last event that was seen: what came after is sent first.',
      maxLength: eventIdLengthMax,
    }),
  ),
});

export function streamEventsRoute(server: ApiServer, deps: RouteDependencies): void {
  const { store, streams } = deps;
  server.route({
    method: 'GET',
    url: '/api/v1/events',
    exposeHeadRoute: false,
    config: { action: 'events.stream' },
    schema: {
      operationId: 'streamEvents',
      summary: 'Follow what happens',
      description:
        'Server-sent events: all of the caller (an admin: everyone), of one request or of one deployment. The first event is `ready`; `gap` says that older events than are kept were asked for. A stream that breaks is resumed with Last-Event-ID.',
      tags: ['events'],
      querystring: querySchema,
      headers: headersSchema,
      response: {
        200: textResponse('The events.', 'text/event-stream'),
        ...problemResponses('not-found', 'deadline'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      const filter: StreamFilter = {
        ...(query.deployment === undefined ? {} : { identifier: query.deployment }),
        ...(query.request === undefined
          ? {}
          : {
              request: (await requireRequest(store, scopeOf(caller), { request: query.request }))
                .id,
            }),
      };
      const stream = await streams.open(caller, filter, lastEventIdOf(request.headers, query));
      return (
        reply
          .type('text/event-stream; charset=utf-8')
          .header('cache-control', 'no-store')
          // Buffering proxies would hold events back.
          .header('x-accel-buffering', 'no')
          .send(stream)
      );
    },
  });
}

function lastEventIdOf(
  headers: Readonly<Record<string, unknown>>,
  query: { readonly lastEventId?: string },
): string | null {
  const header = headers['last-event-id'];
  const given = typeof header === 'string' ? header : query.lastEventId;
  return given === undefined || given === '' ? null : given;
}
