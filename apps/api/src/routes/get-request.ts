/** GET /api/v1/deployments/requests/:id */
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { answerRequest, requestsPath, reserveWait } from '../requests/answer.ts';
import { matchesNone, requestTag } from '../requests/entity-tag.ts';
import { requireRequest } from '../requests/find-request.ts';
import { readHeaders, requestParams, waitQuery } from '../schemas/parameters.ts';
import {
  emptyResponse,
  jsonResponse,
  problemResponses,
  requestHeaders,
} from '../schemas/responses.ts';

export function getRequestRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: `${requestsPath}/:id`,
    config: { action: 'request.read' },
    schema: {
      operationId: 'getDeploymentRequest',
      summary: 'Look at a request',
      tags: ['requests'],
      params: requestParams,
      querystring: waitQuery,
      headers: readHeaders,
      response: {
        200: jsonResponse('The request.', 'DeploymentRequest', requestHeaders),
        304: emptyResponse('It is what If-None-Match names.'),
        ...problemResponses('not-found'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      const scope = scopeOf(caller);
      const place = reserveWait(deps, query);
      try {
        const record = await requireRequest(deps.store, scope, { request: request.params.id });
        const tag = requestTag(record.version);
        if (place === null && matchesNone(request.headers['if-none-match'], tag)) {
          return await reply.code(304).header('etag', tag).send();
        }
        return await answerRequest(request, reply, {
          status: 200,
          record,
          scope,
          query,
          place,
          deps,
        });
      } finally {
        place?.release();
      }
    },
  });
}
