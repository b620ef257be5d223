/** DELETE /api/v1/dead-letters/:id */
import { WindlassError } from '@windlass/errors';
import { actorOf, scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { deadLetterParams, noQuery } from '../schemas/parameters.ts';
import { emptyResponse, problemResponses } from '../schemas/responses.ts';

export function dropDeadLetterRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'DELETE',
    url: '/api/v1/dead-letters/:id',
    config: { action: 'dead-letter.drop' },
    schema: {
      operationId: 'dropDeadLetter',
      summary: 'Drop a dead letter',
      description: 'It is not offered for replay any more. The request stays FAILURE.',
      tags: ['dead letters'],
      params: deadLetterParams,
      querystring: noQuery,
      response: { 204: emptyResponse('Dropped.'), ...problemResponses('not-found') },
    },
    handler: async (request, reply) => {
      const { caller } = request;
      const dropped = await store.dropDeadLetter(
        scopeOf(caller),
        request.params.id,
        actorOf(caller),
      );
      if (!dropped) throw new WindlassError('not-found', 'There is no such dead letter.');
      return reply.code(204).send();
    },
  });
}
