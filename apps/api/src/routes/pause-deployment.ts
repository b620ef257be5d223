/** POST /api/v1/deployments/:id/pause */
import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { carryOutChange } from '../requests/change.ts';
import { changeHeaders, changeQuery, deploymentParams, emptyBody } from '../schemas/parameters.ts';
import { changeResponses } from '../schemas/responses.ts';

export function pauseDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'POST',
    url: '/api/v1/deployments/:id/pause',
    config: { action: 'deployment.pause' },
    schema: {
      operationId: 'pauseDeployment',
      summary: 'Hold the rollout',
      description: 'Changes are accepted, but pods are not replaced until it is resumed.',
      tags: ['operations'],
      params: deploymentParams,
      querystring: changeQuery,
      headers: changeHeaders,
      body: emptyBody,
      response: changeResponses,
    },
    handler: (request, reply) =>
      carryOutChange(deps, request, reply, request.query, {
        target: { identifier: request.params.id },
        operation: Operation.Pause,
        body: null,
        rollbackTo: null,
        plan: (current) => ok(operationSpec('PAUSE', current.spec)),
      }),
  });
}
