/** GET /api/v1/deployments/:id/events */
import { scopeOf } from '../auth/caller.ts';
import { kubeOf } from '../cluster/cluster.ts';
import { listClusterEvents } from '../cluster/events.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { requireDeployment } from '../requests/find-deployment.ts';
import { deploymentParams, noQuery } from '../schemas/parameters.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';

export function deploymentEventsRoute(
  server: ApiServer,
  { store, cluster }: RouteDependencies,
): void {
  server.route({
    method: 'GET',
    url: '/api/v1/deployments/:id/events',
    config: { action: 'deployment.events' },
    schema: {
      operationId: 'listDeploymentEvents',
      summary: 'List the Kubernetes events of a deployment',
      description:
        'Of the Deployment, its replica sets and its pods (those in trouble first), newest first. Kubernetes keeps them for an hour.',
      tags: ['deployments'],
      params: deploymentParams,
      querystring: noQuery,
      response: {
        200: jsonResponse('Its events.', 'ClusterEventList'),
        ...problemResponses('not-found', 'conflict'),
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { namespace } = await requireDeployment(store, scopeOf(request.caller), id);
      const items = await listClusterEvents(kubeOf(cluster), namespace, id);
      return reply.send({ items: [...items], nextCursor: null });
    },
  });
}
