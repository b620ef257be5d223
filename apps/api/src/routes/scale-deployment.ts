/** POST /api/v1/deployments/:id/scale */

import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import { Type } from 'typebox';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { carryOutChange } from '../requests/change.ts';
import { changeHeaders, changeQuery, deploymentParams } from '../schemas/parameters.ts';
import { changeResponses } from '../schemas/responses.ts';
import { replicasSchema } from '../schemas/spec.ts';

const bodySchema = Type.Object(
  { replicas: replicasSchema },
  { additionalProperties: false, examples: [{ replicas: 3 }] },
);

export function scaleDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'POST',
    url: '/api/v1/deployments/:id/scale',
    config: { action: 'deployment.scale' },
    schema: {
      operationId: 'scaleDeployment',
      summary: 'Set the number of replicas',
      tags: ['operations'],
      params: deploymentParams,
      querystring: changeQuery,
      headers: changeHeaders,
      body: bodySchema,
      response: changeResponses,
    },
    handler: (request, reply) =>
      carryOutChange(deps, request, reply, request.query, {
        target: { identifier: request.params.id },
        operation: Operation.Scale,
        body: request.body,
        rollbackTo: null,
        plan: (current) => ok(operationSpec('SCALE', current.spec, request.body)),
      }),
  });
}
