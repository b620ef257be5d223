/** GET /api/v1/deployments/requests */

import { RequestStatus, RequestType } from '@windlass/request-machine';
import { Type } from 'typebox';
import { scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { allowedUserFilter, answerPage, definedOnly } from '../lists/page.ts';
import { requestsPath } from '../requests/answer.ts';
import { listQuery } from '../schemas/parameters.ts';
import { oneOf } from '../schemas/primitives.ts';
import { identifierSchema, namespaceSchema, presentRequest } from '../schemas/request.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';
import { userFilterSchema } from '../schemas/user.ts';

const querySchema = listQuery({
  status: Type.Optional(oneOf('Only requests with this status.', Object.values(RequestStatus))),
  type: Type.Optional(oneOf('Only requests of this type.', Object.values(RequestType))),
  identifier: Type.Optional(identifierSchema),
  namespace: Type.Optional(namespaceSchema),
  user: Type.Optional(userFilterSchema),
});

export function listRequestsRoute(server: ApiServer, { store }: RouteDependencies): void {
  server.route({
    method: 'GET',
    url: requestsPath,
    schema: {
      operationId: 'listDeploymentRequests',
      summary: 'List requests',
      description: "The caller's requests, newest first; an admin's list has everyone's.",
      tags: ['requests'],
      querystring: querySchema,
      response: {
        200: jsonResponse('A page of requests.', 'DeploymentRequestList'),
        ...problemResponses('invalid-cursor', 'cursor-filter-mismatch', 'forbidden'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      const { status, type, identifier, namespace } = query;
      const user = allowedUserFilter(caller, query.user);
      const filters = { status, type, identifier, namespace, user };
      return reply.send(
        await answerPage({
          list: 'requests',
          caller,
          filters,
          query,
          read: (page) => store.listRequests(scopeOf(caller), definedOnly(filters), page),
          present: (row) => presentRequest(row),
        }),
      );
    },
  });
}
