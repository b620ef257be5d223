/** GET /api/v1/dead-letters/:id */
import { WindlassError } from '@windlass/errors';
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { presentDeadLetter } from '../schemas/administration.ts';
import { deadLetterParams, noQuery } from '../schemas/parameters.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';

export function getDeadLetterRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: '/api/v1/dead-letters/:id',
    config: { action: 'dead-letter.read' },
    schema: {
      operationId: 'getDeadLetter',
      summary: 'Look at a dead letter',
      tags: ['dead letters'],
      params: deadLetterParams,
      querystring: noQuery,
      response: {
        200: jsonResponse('The dead letter.', 'DeadLetter'),
        ...problemResponses('not-found'),
      },
    },
    handler: async (request, reply) => {
      const letter = await store.getDeadLetter(scopeOf(request.caller), request.params.id);
      if (letter === null) throw new WindlassError('not-found', 'There is no such dead letter.');
      return reply.send(presentDeadLetter(letter));
    },
  });
}
