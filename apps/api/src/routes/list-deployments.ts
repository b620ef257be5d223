/** GET /api/v1/deployments */

import { Health } from '@windlass/rollout-health';
import { Type } from 'typebox';
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { allowedUserFilter, answerPage, definedOnly } from '../lists/page.ts';
import { presentDeployment } from '../schemas/deployment.ts';
import { listQuery } from '../schemas/parameters.ts';
import { oneOf } from '../schemas/primitives.ts';
import { namespaceSchema } from '../schemas/request.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';
import { userFilterSchema } from '../schemas/user.ts';

const querySchema = listQuery({
  namespace: Type.Optional(namespaceSchema),
  health: Type.Optional(oneOf('Only deployments with this health.', Object.values(Health))),
  user: Type.Optional(userFilterSchema),
});

export function listDeploymentsRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: '/api/v1/deployments',
    schema: {
      operationId: 'listDeployments',
      summary: 'List deployments',
      description:
        "The caller's deployments as the cluster shows them; an admin's list has everyone's.",
      tags: ['deployments'],
      querystring: querySchema,
      response: {
        200: jsonResponse('A page of deployments.', 'DeploymentList'),
        ...problemResponses('invalid-cursor', 'cursor-filter-mismatch', 'forbidden'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      const { namespace, health } = query;
      const filters = { namespace, health, user: allowedUserFilter(caller, query.user) };
      return reply.send(
        await answerPage({
          list: 'deployments',
          caller,
          filters,
          query,
          read: (page) => store.listDeployments(scopeOf(caller), definedOnly(filters), page),
          present: presentDeployment,
        }),
      );
    },
  });
}
