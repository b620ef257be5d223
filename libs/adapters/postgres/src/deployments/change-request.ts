/**
 * Changes a request: update, operations, deletion. Decides with the request's row locked, so that
 * changes of one request happen one after another, each seeing the one before.
 */
import { assert, required, unreachable } from '@windlass/base';
import type { DeploymentSpec } from '@windlass/deployment-spec';
import { next, Operation, operationType, type Refusal } from '@windlass/request-machine';
import type { Postgres } from '../connect.ts';
import { inTransaction, type Queryable, queryOne, retryRaces, type Statement } from '../query.ts';
import type { ChangeInput, ChangeOutcome } from './contract.ts';
import { type LockedRequest, lockRequest } from './locked-request.ts';
import { openRevision } from './open-revision.ts';
import { exceededQuota, lockUsers } from './quotas.ts';

/** A key that another transaction takes in between undoes ours; the next try finds its row. */
export function changeRequest({ pool }: Postgres, input: ChangeInput): Promise<ChangeOutcome> {
  assert(
    input.operation !== Operation.Create && input.operation !== Operation.Replay,
    'a request is created by acceptRequest and replayed by replayDeadLetter',
  );
  return retryRaces(() => inTransaction(pool, (client) => change(client, input)));
}

async function change(client: Queryable, input: ChangeInput): Promise<ChangeOutcome> {
  const locked = await lockRequest(client, input.scope, input.target);
  if (locked === null) return { kind: 'not-found' };
  const { record, state } = locked;
  const repeated = await findRepeated(client, input, locked);
  if (repeated !== null) return repeated;
  if (input.ifVersion !== null && input.ifVersion !== record.version) {
    return { kind: 'version-mismatch', version: record.version };
  }
  const { operation, openRevisionsMax } = input;
  const moved = next(state, { kind: 'accepted', operation, openRevisionsMax });
  if (!moved.ok) return refusalOutcome(moved.error, input, locked);
  const rollback = await rollbackSpec(client, input, locked);
  if (!rollback.found) return { kind: 'revision-not-found' };
  const planned = input.plan(record, rollback.spec);
  if (!planned.ok) return { kind: 'refused', error: planned.error };
  const exceeded = await exceededBy(client, input, locked, planned.value);
  if (exceeded !== null) return exceeded;
  const opened = await openRevision(client, {
    request: record,
    type: moved.value.type,
    operation,
    spec: planned.value,
    actor: input.actor,
    action: `request.${operation.toLowerCase()}`,
    outcome: 'accepted',
    key: input.key === null ? null : { key: input.key, payloadHash: input.payloadHash },
    traceparent: input.traceparent,
  });
  const request = required(opened, 'the identifier of a request that is not deleted');
  assert(request.type === operationType(operation, record.type), 'the row says what was decided');
  return { kind: 'accepted', request };
}

/** The key was used before: for the same change of the same request, or for something else. */
async function findRepeated(
  client: Queryable,
  input: ChangeInput,
  { record }: LockedRequest,
): Promise<ChangeOutcome | null> {
  if (input.key === null) return null;
  const used = await queryOne<KeyRow>(client, keyStatement, [input.actor.userId, input.key]);
  if (used === null) return null;
  const same =
    used.requestId === record.id &&
    used.operation === input.operation &&
    used.payloadHash === input.payloadHash;
  return same ? { kind: 'replayed', request: record } : { kind: 'payload-mismatch' };
}

type KeyRow = {
  readonly requestId: string;
  readonly operation: string;
  readonly payloadHash: string;
};

const keyStatement: Statement = {
  name: 'idempotency_key',
  text: `
SELECT request_id AS "requestId", operation, payload_hash AS "payloadHash"
  FROM idempotency_keys
 WHERE user_id = $1 AND key = $2`,
};

function refusalOutcome(
  refusal: Refusal,
  input: ChangeInput,
  { record }: LockedRequest,
): ChangeOutcome {
  switch (refusal.reason) {
    case 'deleting':
      return input.operation === Operation.Delete
        ? { kind: 'replayed', request: record }
        : { kind: 'deleting' };
    case 'queue-full':
      return { kind: 'queue-full', limit: refusal.limit };
    case 'absent':
    case 'exists':
    case 'not-dead-lettered':
    case 'already-open':
    case 'failed':
      return { kind: 'refused', error: refusal };
    default:
      return unreachable(refusal);
  }
}

/** Only revisions of the same request: what was deleted before isn't gone back to. */
async function rollbackSpec(
  client: Queryable,
  input: ChangeInput,
  { record }: LockedRequest,
): Promise<
  { readonly found: true; readonly spec: DeploymentSpec | null } | { readonly found: false }
> {
  if (input.operation !== Operation.Rollback) return { found: true, spec: null };
  const values = [record.identifier, record.id];
  const row = await (input.rollbackTo === null || input.rollbackTo === undefined
    ? queryOne<SpecRow>(client, lastGoodSpecStatement, [...values, record.revision])
    : queryOne<SpecRow>(client, specStatement, [...values, input.rollbackTo]));
  return row === null ? { found: false } : { found: true, spec: row.spec };
}

type SpecRow = { readonly spec: DeploymentSpec };

const specStatement: Statement = {
  name: 'spec_of_revision',
  text: `
SELECT spec FROM revisions
 WHERE identifier = $1 AND request_id = $2 AND revision = $3 AND operation <> 'DELETE'`,
};

const lastGoodSpecStatement: Statement = {
  name: 'spec_of_last_success',
  text: `
SELECT spec FROM revisions
 WHERE identifier = $1 AND request_id = $2 AND revision < $3 AND status = 'SUCCESS'
   AND operation <> 'DELETE'
 ORDER BY revision DESC
 LIMIT 1`,
};

/** A change that asks for no more than before is never over a quota, also where the user is. */
async function exceededBy(
  client: Queryable,
  input: ChangeInput,
  { record, countedReplicas }: LockedRequest,
  spec: DeploymentSpec,
): Promise<ChangeOutcome | null> {
  const replicas = spec.replicas - countedReplicas;
  if (input.quota.replicasMax === 0 || replicas <= 0) return null;
  await lockUsers(client, [record.userId]);
  const exceeded = await exceededQuota(client, record.userId, input.quota, {
    deployments: 0,
    replicas,
  });
  return exceeded === null ? null : { kind: 'quota-exceeded', ...exceeded };
}
