/** PATCH /api/v1/deployments/requests/:id */
import { Operation } from '@windlass/request-machine';
import type { FastifyRequest } from 'fastify';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { requestsPath } from '../requests/answer.ts';
import { carryOutChange } from '../requests/change.ts';
import { patchedSpec } from '../requests/patched-spec.ts';
import { changeHeaders, changeQuery, requestParams } from '../schemas/parameters.ts';
import { patchBodyReference } from '../schemas/request.ts';
import { changeResponses } from '../schemas/responses.ts';
import { mergedSpecSchema } from '../schemas/spec.ts';

const patchMediaType = /^application\/merge-patch\+json\b/i;

export function patchRequestRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'PATCH',
    url: `${requestsPath}/:id`,
    config: { action: 'request.update' },
    schema: {
      operationId: 'updateDeploymentRequest',
      summary: 'Change what is asked for',
      description:
        'Makes a new revision of the same request (type UPDATE, status CREATED). The body is a JSON merge patch (RFC 7396); application/merge-patch+json is accepted too.',
      tags: ['requests'],
      consumes: ['application/json', 'application/merge-patch+json'],
      params: requestParams,
      querystring: changeQuery,
      headers: changeHeaders,
      body: patchBodyReference,
      response: changeResponses,
    },
    onRequest: readMergePatchAsJson,
    handler: async (request, reply) => {
      const { body } = request;
      const isShapedRight = request.compileValidationSchema(mergedSpecSchema, 'body');
      return carryOutChange(deps, request, reply, request.query, {
        target: { request: request.params.id },
        operation: Operation.Update,
        body,
        rollbackTo: null,
        plan: (current) => patchedSpec(current, body, isShapedRight, deps.admission),
      });
    },
  });
}

/** A merge patch is JSON: the server's own strict reader takes it from here. */
function readMergePatchAsJson(
  request: FastifyRequest,
  _reply: unknown,
  done: (error?: Error) => void,
): void {
  const mediaType = request.headers['content-type'];
  if (mediaType !== undefined && patchMediaType.test(mediaType)) {
    request.headers['content-type'] = 'application/json';
  }
  done();
}
