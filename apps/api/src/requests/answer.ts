/** How a request is answered: status, headers, and the wait where one was asked for. */
import type { RequestRecord, Scope } from '@windlass/postgres';
import { RequestStatus } from '@windlass/request-machine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteDependencies } from '../dependencies.ts';
import type { DryRun } from '../schemas/cluster.ts';
import type { WaitQuery } from '../schemas/parameters.ts';
import { presentRequest, type Waited } from '../schemas/request.ts';
import { requestTag } from './entity-tag.ts';
import type { WaitPlace } from './rollout-wait.ts';

export const requestsPath = '/api/v1/deployments/requests';

/** A request that was accepted a moment ago has usually been carried out after a second. */
const retryAfterSeconds = '1';

/**
 * Sends the request as it is, or as it is after the wait.
 *
 * @param status 202 where something was queued, 200 where nothing was
 * @param place from `reserveWait`; null: doesn't wait
 */
export async function answerRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  options: {
    readonly status: 200 | 202;
    readonly record: RequestRecord;
    readonly scope: Scope;
    readonly query: WaitQuery;
    readonly place: WaitPlace | null;
    readonly deps: Pick<RouteDependencies, 'settings'>;
  },
): Promise<FastifyReply> {
  const { status, scope, query, place } = options;
  if (place === null || query.wait === undefined) {
    return sendRequest(reply, status, options.record, null);
  }
  const timeoutMs = Math.min(
    (query.timeoutSeconds ?? 0) * 1_000,
    options.deps.settings.waitTimeoutMaxMs,
  );
  const { record, waited } = await place.wait(
    scope,
    options.record,
    query.wait,
    timeoutMs,
    request.signal,
  );
  return sendRequest(reply, status, record, waited);
}

/** A place for the wait, where one is asked for: taken before anything is queued. */
export function reserveWait(
  deps: Pick<RouteDependencies, 'waits'>,
  query: WaitQuery,
): WaitPlace | null {
  return query.wait === undefined ? null : deps.waits.reserve();
}

function sendRequest(
  reply: FastifyReply,
  status: 200 | 202,
  record: RequestRecord,
  waited: Waited | null,
): FastifyReply {
  reply
    .code(status)
    .header('location', `${requestsPath}/${record.id}`)
    .header('etag', requestTag(record.version))
    .header('x-request-id', record.requestId);
  if (record.status === RequestStatus.Created) reply.header('retry-after', retryAfterSeconds);
  if (status === 200) asPlainJson(reply);
  return reply.send(presentRequest(record, waited));
}

export function sendDryRun(reply: FastifyReply, dryRun: DryRun): FastifyReply {
  return asPlainJson(reply.code(200)).send(dryRun);
}

/**
 * The 200 of a change is a request or a dry run: for such a union a compiled serializer would have to
 * find out which, so both are written as they are.
 */
function asPlainJson(reply: FastifyReply): FastifyReply {
  return reply.type('application/json; charset=utf-8').serializer(JSON.stringify);
}
