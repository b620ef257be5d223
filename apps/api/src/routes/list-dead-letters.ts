/** GET /api/v1/dead-letters */
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { answerPage } from '../lists/page.ts';
import { presentDeadLetter } from '../schemas/administration.ts';
import { listQuery } from '../schemas/parameters.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';

const querySchema = listQuery({});

export function listDeadLettersRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: '/api/v1/dead-letters',
    schema: {
      operationId: 'listDeadLetters',
      summary: 'List dead letters',
      description: 'Work that was given up, with the reason and the attempts, newest first.',
      tags: ['dead letters'],
      querystring: querySchema,
      response: {
        200: jsonResponse('A page of dead letters.', 'DeadLetterList'),
        ...problemResponses('invalid-cursor', 'cursor-filter-mismatch'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      return reply.send(
        await answerPage({
          list: 'dead-letters',
          caller,
          filters: {},
          query,
          read: (page) => store.listDeadLetters(scopeOf(caller), page),
          present: presentDeadLetter,
        }),
      );
    },
  });
}
