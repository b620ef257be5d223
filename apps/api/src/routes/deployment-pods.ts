/** GET /api/v1/deployments/:id/pods */
import { scopeOf } from '../auth/caller.ts';
import { kubeOf } from '../cluster/cluster.ts';
import { listPods, presentPod } from '../cluster/pods.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { requireDeployment } from '../requests/find-deployment.ts';
import { deploymentParams, noQuery } from '../schemas/parameters.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';

export function deploymentPodsRoute(
  server: ApiServer,
  { store, cluster }: RouteDependencies,
): void {
  server.route({
    method: 'GET',
    url: '/api/v1/deployments/:id/pods',
    config: { action: 'deployment.pods' },
    schema: {
      operationId: 'listDeploymentPods',
      summary: 'List the pods of a deployment',
      description: 'Read from the cluster, newest first.',
      tags: ['deployments'],
      params: deploymentParams,
      querystring: noQuery,
      response: {
        200: jsonResponse('Its pods.', 'PodList'),
        ...problemResponses('not-found', 'conflict'),
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { namespace } = await requireDeployment(store, scopeOf(request.caller), id);
      const pods = await listPods(kubeOf(cluster), namespace, id);
      return reply.send({ items: pods.map(presentPod), nextCursor: null });
    },
  });
}
