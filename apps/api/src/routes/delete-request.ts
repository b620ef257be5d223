/** DELETE /api/v1/deployments/requests/:id */
import { ok } from '@windlass/base';
import { Operation } from '@windlass/request-machine';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { requestsPath } from '../requests/answer.ts';
import { carryOutChange } from '../requests/change.ts';
import { changeHeaders, changeQuery, requestParams } from '../schemas/parameters.ts';
import { changeResponses } from '../schemas/responses.ts';

export function deleteRequestRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'DELETE',
    url: `${requestsPath}/:id`,
    config: { action: 'request.delete' },
    schema: {
      operationId: 'deleteDeploymentRequest',
      summary: 'Ask for the deletion',
      description:
        'Makes a new revision of the same request (type DELETE). Repeated it gives the same request (200). The identifier is free again once it has succeeded.',
      tags: ['requests'],
      params: requestParams,
      querystring: changeQuery,
      headers: changeHeaders,
      response: changeResponses,
    },
    handler: (request, reply) =>
      carryOutChange(deps, request, reply, request.query, {
        target: { request: request.params.id },
        operation: Operation.Delete,
        body: null,
        rollbackTo: null,
        plan: (current) => ok(current.spec),
      }),
  });
}
