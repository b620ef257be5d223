/** POST /api/v1/deployments/:id/restart */
import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { carryOutChange } from '../requests/change.ts';
import { changeHeaders, changeQuery, deploymentParams, emptyBody } from '../schemas/parameters.ts';
import { changeResponses } from '../schemas/responses.ts';

export function restartDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'POST',
    url: '/api/v1/deployments/:id/restart',
    config: { action: 'deployment.restart' },
    schema: {
      operationId: 'restartDeployment',
      summary: 'Replace the pods',
      description: 'Replaces every pod by a new one, as the strategy says.',
      tags: ['operations'],
      params: deploymentParams,
      querystring: changeQuery,
      headers: changeHeaders,
      body: emptyBody,
      response: changeResponses,
    },
    handler: (request, reply) => {
      const nowMs = deps.nowMs();
      return carryOutChange(deps, request, reply, request.query, {
        target: { identifier: request.params.id },
        operation: Operation.Restart,
        body: null,
        rollbackTo: null,
        plan: (current) => ok(operationSpec('RESTART', current.spec, { nowMs })),
      });
    },
  });
}
