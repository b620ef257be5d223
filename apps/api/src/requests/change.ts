/**
 * Every change of a request that exists goes through here: PATCH, DELETE, and the operations on a
 * deployment. Each is a new revision of the same request.
 */
import { assert } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import type { ChangeInput, ChangeOutcome, RequestRecord, Scope } from '@windlass/postgres';
import { currentTraceparent } from '@windlass/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, scopeOf } from '../auth/caller.ts';
import type { RouteDependencies } from '../dependencies.ts';
import type { ChangeQuery } from '../schemas/parameters.ts';
import { answerRequest, reserveWait, sendDryRun } from './answer.ts';
import { dryRunChange } from './dry-run-change.ts';
import { parseIfMatch } from './entity-tag.ts';
import { findRequest } from './find-request.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';
import { payloadHash } from './payload-hash.ts';
import type { Change } from './planned-change.ts';
import {
  deleting,
  notFound,
  payloadMismatch,
  quotaExceeded,
  revisionNotFound,
  versionMismatch,
} from './refusals.ts';

/** A version that no row has. */
const noVersion = -1;

export async function carryOutChange(
  deps: RouteDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  query: ChangeQuery,
  change: Change,
): Promise<FastifyReply> {
  const { caller } = request;
  const scope = scopeOf(caller);
  const key = idempotencyKeyOf(request.headers);
  const ifVersion = await wantedVersion(deps, request, scope, change.target);
  if (query.dryRun !== undefined) {
    return sendDryRun(reply, await dryRunChange(deps, scope, change, ifVersion));
  }
  const place = reserveWait(deps, query);
  try {
    const outcome = await deps.store.changeRequest({
      target: change.target,
      scope,
      actor: actorOf(caller),
      key,
      payloadHash: payloadHash(actionOf(change), change.body),
      operation: change.operation,
      ifVersion,
      rollbackTo: change.rollbackTo,
      quota: quotaOf(deps.settings),
      openRevisionsMax: deps.settings.openRevisionsMax,
      traceparent: currentTraceparent(),
      plan: change.plan,
    });
    const record = recordOf(outcome, change.target);
    if (outcome.kind === 'accepted') deps.onCommitted(record.identifier);
    const status = outcome.kind === 'accepted' ? 202 : 200;
    return await answerRequest(request, reply, { status, record, scope, query, place, deps });
  } finally {
    place?.release();
  }
}

export function quotaOf(settings: RouteDependencies['settings']) {
  return { deploymentsMax: settings.quotaDeploymentsMax, replicasMax: settings.quotaReplicasMax };
}

/** The request of an outcome, or the error that it means. */
function recordOf(outcome: ChangeOutcome, target: ChangeInput['target']): RequestRecord {
  switch (outcome.kind) {
    case 'accepted':
    case 'replayed':
      return outcome.request;
    case 'payload-mismatch':
      throw payloadMismatch();
    case 'not-found':
      throw notFound(target);
    case 'version-mismatch':
      throw versionMismatch(outcome.version);
    case 'deleting':
      throw deleting();
    case 'revision-not-found':
      throw revisionNotFound();
    case 'queue-full':
      throw new WindlassError(
        'queue-full',
        `${outcome.limit} changes of this deployment are waiting already.`,
      );
    case 'quota-exceeded':
      throw quotaExceeded(outcome.quota, outcome.limit);
    case 'refused':
      assert(outcome.error instanceof WindlassError, 'a plan refuses with a WindlassError');
      throw outcome.error;
    default:
      return outcome satisfies never;
  }
}

/**
 * The version that If-Match asks for; null where any will do. Of several, the one that the request
 * has now: should it change before the change is made, that one no longer matches either.
 */
async function wantedVersion(
  deps: Pick<RouteDependencies, 'store'>,
  request: FastifyRequest,
  scope: Scope,
  target: ChangeInput['target'],
): Promise<number | null> {
  const wanted = parseIfMatch(request.headers['if-match']);
  switch (wanted.kind) {
    case 'any':
      return null;
    case 'malformed':
      throw new WindlassError('validation-failed', 'If-Match is not a list of ETags.', {
        fields: [{ field: 'header.if-match', message: 'must be * or quoted tags such as "7"' }],
      });
    case 'versions': {
      const [only] = wanted.versions;
      if (only === undefined) return noVersion;
      if (wanted.versions.length === 1) return only;
      const current = await findRequest(deps.store, scope, target);
      return current !== null && wanted.versions.includes(current.version)
        ? current.version
        : noVersion;
    }
    default:
      return wanted satisfies never;
  }
}

/** The same body for another operation or target is another payload. */
function actionOf(change: Change): string {
  const target = 'request' in change.target ? change.target.request : change.target.identifier;
  return `${change.operation} ${target}`;
}
