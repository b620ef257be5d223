/** POST /api/v1/deployments/:id/resume */
import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { carryOutChange } from '../requests/change.ts';
import { changeHeaders, changeQuery, deploymentParams, emptyBody } from '../schemas/parameters.ts';
import { changeResponses } from '../schemas/responses.ts';

export function resumeDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'POST',
    url: '/api/v1/deployments/:id/resume',
    config: { action: 'deployment.resume' },
    schema: {
      operationId: 'resumeDeployment',
      summary: 'Let the rollout go on',
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
        operation: Operation.Resume,
        body: null,
        rollbackTo: null,
        plan: (current) => ok(operationSpec('RESUME', current.spec)),
      }),
  });
}
