/** GET /api/v1/deployments/:id */
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { deploymentTag, matchesNone } from '../requests/entity-tag.ts';
import { requireDeployment } from '../requests/find-deployment.ts';
import { presentDeployment } from '../schemas/deployment.ts';
import { deploymentParams, noQuery, readHeaders } from '../schemas/parameters.ts';
import { emptyResponse, jsonResponse, problemResponses, tagHeader } from '../schemas/responses.ts';

export function getDeploymentRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: '/api/v1/deployments/:id',
    config: { action: 'deployment.read' },
    schema: {
      operationId: 'getDeployment',
      summary: 'Look at a deployment',
      description: 'As the cluster shows it. There is none until the first revision was applied.',
      tags: ['deployments'],
      params: deploymentParams,
      querystring: noQuery,
      headers: readHeaders,
      response: {
        200: jsonResponse('The deployment.', 'Deployment', tagHeader),
        304: emptyResponse('It is what If-None-Match names.'),
        ...problemResponses('not-found'),
      },
    },
    handler: async (request, reply) => {
      const scope = scopeOf(request.caller);
      const deployment = await requireDeployment(store, scope, request.params.id);
      const owner = await store.getRequest(scope, deployment.requestId);
      const tag = deploymentTag(owner?.version ?? 0, deployment.resourceVersion);
      reply.header('etag', tag);
      if (matchesNone(request.headers['if-none-match'], tag)) return reply.code(304).send();
      return reply.send(presentDeployment(deployment));
    },
  });
}
