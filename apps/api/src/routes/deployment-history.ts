/** GET /api/v1/deployments/:id/history */
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { answerPage } from '../lists/page.ts';
import { requireRequest } from '../requests/find-request.ts';
import { presentRevision } from '../schemas/deployment.ts';
import { deploymentParams, listQuery } from '../schemas/parameters.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';

const querySchema = listQuery({});

export function deploymentHistoryRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: '/api/v1/deployments/:id/history',
    config: { action: 'deployment.history' },
    schema: {
      operationId: 'listDeploymentRevisions',
      summary: 'List the revisions of a deployment',
      description: 'Newest first. Those are what rollback can go back to.',
      tags: ['deployments'],
      params: deploymentParams,
      querystring: querySchema,
      response: {
        200: jsonResponse('A page of revisions.', 'RevisionList'),
        ...problemResponses('not-found', 'invalid-cursor', 'cursor-filter-mismatch'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      const identifier = request.params.id;
      const scope = scopeOf(caller);
      await requireRequest(store, scope, { identifier });
      return reply.send(
        await answerPage({
          list: `history ${identifier}`,
          caller,
          filters: {},
          query,
          read: (page) => store.listRevisions(scope, identifier, page),
          present: presentRevision,
        }),
      );
    },
  });
}
