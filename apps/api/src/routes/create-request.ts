/** POST /api/v1/deployments/requests/create */
import { newUuid } from '@windlass/base';
import type { AcceptOutcome, RequestRecord } from '@windlass/postgres';
import { currentTraceparent } from '@windlass/telemetry';
import { actorOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { answerRequest, requestsPath, reserveWait, sendDryRun } from '../requests/answer.ts';
import { quotaOf } from '../requests/change.ts';
import { dryRunCreate } from '../requests/dry-run-change.ts';
import { idempotencyKeyOf } from '../requests/idempotency-key.ts';
import { payloadHash } from '../requests/payload-hash.ts';
import { identifierTaken, payloadMismatch, quotaExceeded } from '../requests/refusals.ts';
import { specOfBody } from '../requests/spec-of-body.ts';
import { changeQuery, createHeaders } from '../schemas/parameters.ts';
import { createBodyReference } from '../schemas/request.ts';
import {
  acceptedHeaders,
  jsonResponse,
  problemResponses,
  requestOrDryRun,
} from '../schemas/responses.ts';

export function createRequestRoute(server: ApiServer, deps: RouteDependencies): void {
  const { settings, store, admission } = deps;
  const quota = quotaOf(settings);

  server.route({
    method: 'POST',
    url: `${requestsPath}/create`,
    config: { action: 'request.create' },
    schema: {
      operationId: 'createDeploymentRequest',
      summary: 'Ask for a deployment',
      description:
        'Accepts the request and answers at once; the worker carries it out. Repeated with the same X-Request-ID and payload it gives the same request (200). With dryRun=server nothing is queued.',
      tags: ['requests'],
      querystring: changeQuery,
      headers: createHeaders,
      body: createBodyReference,
      response: {
        200: requestOrDryRun('The same request again. With dryRun: what would happen.'),
        202: jsonResponse('Accepted.', 'DeploymentRequest', acceptedHeaders),
        ...problemResponses(
          'malformed-body',
          'identifier-taken',
          'quota-exceeded',
          'idempotency-payload-mismatch',
          'policy-violation',
          'body-too-large',
          'unsupported-media-type',
        ),
      },
    },
    handler: async (request, reply) => {
      const { caller, body, query } = request;
      const requestId = idempotencyKeyOf(request.headers) ?? newUuid();
      const { identifier } = body;
      const namespace = body.namespace ?? settings.defaultNamespace;
      const spec = specOfBody(body);
      const refusal = admission(spec, identifier, namespace);
      if (query.dryRun !== undefined) {
        const { userId } = caller;
        const id = newUuid();
        const create = { userId, identifier, namespace, requestId: id, spec, refusal };
        return sendDryRun(reply, await dryRunCreate(deps, create));
      }
      if (refusal !== null) throw refusal;
      const place = reserveWait(deps, query);
      try {
        const outcome = await store.acceptRequest({
          id: newUuid(),
          requestId,
          actor: actorOf(caller),
          payloadHash: payloadHash('CREATE', body),
          identifier,
          namespace,
          spec,
          quota,
          traceparent: currentTraceparent(),
        });
        const record = recordOf(outcome);
        if (outcome.kind === 'accepted') deps.onCommitted(identifier);
        return await answerRequest(request, reply, {
          status: outcome.kind === 'accepted' ? 202 : 200,
          record,
          scope: { userId: caller.userId },
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

function recordOf(outcome: AcceptOutcome): RequestRecord {
  switch (outcome.kind) {
    case 'accepted':
    case 'replayed':
      return outcome.request;
    case 'payload-mismatch':
      throw payloadMismatch();
    case 'identifier-taken':
      throw identifierTaken(outcome.ownRequest);
    case 'quota-exceeded':
      throw quotaExceeded(outcome.quota, outcome.limit);
    default:
      return outcome satisfies never;
  }
}
