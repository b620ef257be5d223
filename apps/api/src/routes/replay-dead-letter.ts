/** POST /api/v1/dead-letters/:id/replay */
import { WindlassError } from '@windlass/errors';
import { actorOf, scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { answerRequest } from '../requests/answer.ts';
import { deadLetterParams, emptyBody, noQuery } from '../schemas/parameters.ts';
import { acceptedHeaders, jsonResponse, problemResponses } from '../schemas/responses.ts';

export function replayDeadLetterRoute(server: ApiServer, deps: RouteDependencies): void {
  server.route({
    method: 'POST',
    url: '/api/v1/dead-letters/:id/replay',
    config: { action: 'dead-letter.replay' },
    schema: {
      operationId: 'replayDeadLetter',
      summary: 'Try again what was given up',
      description:
        'Makes a new revision with the same spec; the request is CREATED again. Refused where a newer revision exists.',
      tags: ['dead letters'],
      params: deadLetterParams,
      querystring: noQuery,
      body: emptyBody,
      response: {
        202: jsonResponse('A new revision was accepted.', 'DeploymentRequest', acceptedHeaders),
        ...problemResponses('not-found', 'conflict', 'malformed-body', 'unsupported-media-type'),
      },
    },
    handler: async (request, reply) => {
      const { caller } = request;
      const scope = scopeOf(caller);
      const outcome = await deps.store.replayDeadLetter(scope, request.params.id, actorOf(caller));
      switch (outcome.kind) {
        case 'replayed': {
          const record = outcome.request;
          deps.onCommitted(record.identifier);
          const place = null;
          return answerRequest(request, reply, {
            status: 202,
            record,
            scope,
            query: {},
            place,
            deps,
          });
        }
        case 'not-found':
          throw new WindlassError('not-found', 'There is no such dead letter.');
        case 'superseded':
          throw new WindlassError('conflict', 'A newer revision of the deployment exists.');
        case 'already-ended':
          throw new WindlassError('conflict', 'It was replayed or dropped already.');
        case 'not-replayable':
          throw new WindlassError('conflict', 'It belongs to no request: it can only be dropped.');
        default:
          return outcome satisfies never;
      }
    },
  });
}
