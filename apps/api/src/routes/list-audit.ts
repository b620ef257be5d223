/** GET /api/v1/audit */
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { answerPage } from '../lists/page.ts';
import { presentAudit } from '../schemas/administration.ts';
import { listQuery } from '../schemas/parameters.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';

const querySchema = listQuery({});

export function listAuditRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: '/api/v1/audit',
    schema: {
      operationId: 'listAudit',
      summary: 'Read the audit trail',
      description: "What the caller did and was refused, newest first; an admin's has everyone's.",
      tags: ['audit'],
      querystring: querySchema,
      response: {
        200: jsonResponse('A page of the trail.', 'AuditList'),
        ...problemResponses('invalid-cursor', 'cursor-filter-mismatch'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      return reply.send(
        await answerPage({
          list: 'audit',
          caller,
          filters: {},
          query,
          read: (page) => store.listAudit(scopeOf(caller), page),
          present: presentAudit,
        }),
      );
    },
  });
}
