/**
 * Takes a new request: user, identifier, request, first revision, idempotency key, outbox row, audit
 * and activity, all or nothing.
 *
 * Concurrent calls share one statement. It takes only what is free beyond doubt and leaves the rest
 * out; for what was left out, `explainRefusal` looks why. Where nothing stands in the way any more (the
 * winner of a race was undone), it is tried again.
 */
import { newUuid } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import { Operation, RequestStatus, RequestType } from '@windlass/request-machine';
import type { Postgres } from '../connect.ts';
import { inTransaction, type Queryable, query, type Statement } from '../query.ts';
import { createStatementBatcher } from './batches.ts';
import type { AcceptInput, AcceptOutcome, RequestRecord } from './contract.ts';
import { explainRefusal } from './explain-refusal.ts';
import { lockUsers, type QuotaPart, quotaColumns, quotaWithin } from './quotas.ts';
import { callersJson } from './text.ts';

/** The row as it came out, or null where something was in the way. */
type Accepted = { readonly revision: number; readonly createdAt: Date } | null;

/** An item with its row as JSON: what can't be stored has failed before it meets its neighbours. */
type Item = { readonly input: AcceptInput; readonly json: string };

/** More rounds than this are only lost when the same key or identifier is fought over for long. */
const roundsMax = 5;

export function createAcceptRequest(postgres: Postgres) {
  const batcher = createStatementBatcher<Item, Accepted>({
    name: 'accept',
    metrics: postgres.metrics,
    run: (items) => acceptItems(postgres, items),
  });
  return {
    acceptRequest: async (input: AcceptInput): Promise<AcceptOutcome> => {
      const item = { input, json: callersJson(inputRow(input)) };
      for (let round = 1; round <= roundsMax; round += 1) {
        const accepted = await batcher.add(item);
        if (accepted !== null) {
          return { kind: 'accepted', request: acceptedRecord(input, accepted) };
        }
        const refusal = await explainRefusal(postgres.pool, input);
        if (refusal !== null) return refusal;
      }
      throw new WindlassError('unavailable', 'too many others want the same identifier or key');
    },
  };
}

async function acceptItems(
  postgres: Postgres,
  items: readonly Item[],
): Promise<readonly Accepted[]> {
  const firsts = firstOfEach(items);
  const json = `[${firsts.map((item) => item.json).join(',')}]`;
  const limitedUsers = firsts
    .filter(({ input }) => input.quota.deploymentsMax > 0 || input.quota.replicasMax > 0)
    .map(({ input }) => input.actor.userId);
  const insert = (target: Queryable) => query<AcceptedRow>(target, acceptStatement, [json]);
  const rows =
    limitedUsers.length === 0
      ? await insert(postgres.pool)
      : await inTransaction(postgres.pool, async (client) => {
          await lockUsers(client, limitedUsers);
          return insert(client);
        });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return items.map((item) => {
    const row = byId.get(item.input.id);
    if (row === undefined || !firsts.includes(item)) return null;
    return { revision: Number(row.revision), createdAt: row.createdAt };
  });
}

/** Leaves out what repeats a key or an identifier of an item before it. */
function firstOfEach(items: readonly Item[]): readonly Item[] {
  const taken = new Set<string>();
  return items.filter(({ input }) => {
    const names = [
      JSON.stringify(['key', input.actor.userId, input.requestId]),
      JSON.stringify(['identifier', input.identifier]),
      JSON.stringify(['id', input.id]),
    ];
    if (names.some((name) => taken.has(name))) return false;
    for (const name of names) taken.add(name);
    return true;
  });
}

type InputRow = QuotaPart & Readonly<Record<string, unknown>>;

function inputRow(input: AcceptInput): InputRow {
  return {
    id: input.id,
    key: input.requestId,
    user_id: input.actor.userId,
    role: input.actor.role,
    remote_address: input.actor.remoteAddress,
    identifier: input.identifier,
    namespace: input.namespace,
    payload_hash: input.payloadHash,
    spec: input.spec,
    replicas: input.spec.replicas,
    outbox_id: newUuid(),
    traceparent: input.traceparent,
    deployments_max: input.quota.deploymentsMax,
    replicas_max: input.quota.replicasMax,
  };
}

function acceptedRecord(
  input: AcceptInput,
  { revision, createdAt }: NonNullable<Accepted>,
): RequestRecord {
  return {
    id: input.id,
    requestId: input.requestId,
    userId: input.actor.userId,
    identifier: input.identifier,
    namespace: input.namespace,
    type: RequestType.Create,
    operation: Operation.Create,
    status: RequestStatus.Created,
    revision,
    spec: input.spec,
    error: null,
    deadLettered: false,
    attempts: 0,
    version: 1,
    createdAt,
    updatedAt: createdAt,
    completedAt: null,
  };
}

type AcceptedRow = { readonly id: string; readonly revision: string; readonly createdAt: Date };

/**
 * The scalar sub-selects are index lookups whatever the planner thinks of the tables' size. What a
 * batch wants of other batches' rows it takes in the order of their keys. A key that another
 * transaction commits in between breaks its unique index, which undoes the statement; the next try
 * leaves that item out.
 */
const acceptStatement: Statement = {
  name: 'accept_requests',
  text: `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS i(
    id uuid, key text, user_id text, role text, remote_address text, identifier text,
    namespace text, payload_hash text, spec jsonb, replicas integer, outbox_id uuid,
    traceparent text, ${quotaColumns})
), free AS MATERIALIZED (
  SELECT i.* FROM input i
   WHERE (SELECT k.revision FROM idempotency_keys k
           WHERE k.user_id = i.user_id AND k.key = i.key) IS NULL
     AND coalesce((SELECT x.released_at IS NOT NULL FROM identifiers x
                    WHERE x.identifier = i.identifier), true)
   ORDER BY i.identifier
), ${quotaWithin('free', 'within')}, held AS (
  INSERT INTO identifiers AS x
         (identifier, namespace, user_id, request_id, first_revision, last_revision, replicas)
  SELECT identifier, namespace, user_id, id, 1, 1, replicas FROM within ORDER BY identifier
  ON CONFLICT (identifier) DO UPDATE
     SET namespace = excluded.namespace, user_id = excluded.user_id,
         request_id = excluded.request_id, first_revision = x.last_revision + 1,
         last_revision = x.last_revision + 1, replicas = excluded.replicas, released_at = NULL
   WHERE x.released_at IS NOT NULL
  RETURNING identifier, last_revision
), accepted AS MATERIALIZED (
  SELECT w.*, h.last_revision AS revision FROM held h JOIN within w USING (identifier)
), users_used AS (
  INSERT INTO users AS u (id, deployments, replicas)
  SELECT user_id, count(*), sum(replicas) FROM accepted GROUP BY user_id ORDER BY user_id
  ON CONFLICT (id) DO UPDATE
     SET deployments = u.deployments + excluded.deployments,
         replicas = u.replicas + excluded.replicas
), keys AS (
  INSERT INTO idempotency_keys (user_id, key, request_id, revision, operation, payload_hash)
  SELECT user_id, key, id, revision, 'CREATE', payload_hash FROM accepted ORDER BY user_id, key
), requests AS (
  INSERT INTO deployment_requests
         (id, request_id, user_id, identifier, namespace, type, status, revision)
  SELECT id, key, user_id, identifier, namespace, 'CREATE', 'CREATED', revision FROM accepted
  RETURNING id, revision, created_at
), opened AS (
  INSERT INTO revisions
         (identifier, revision, request_id, operation, spec, traceparent, created_by)
  SELECT identifier, revision, id, 'CREATE', spec, traceparent, user_id FROM accepted
), wakes AS (
  INSERT INTO outbox (id, identifier, request_id, revision, traceparent)
  SELECT outbox_id, identifier, id, revision, traceparent FROM accepted
), audited AS (
  INSERT INTO audit_log (user_id, role, action, target, revision, outcome, remote_address)
  SELECT user_id, role, 'request.create', identifier, revision, 'accepted', remote_address
    FROM accepted
), told AS (
  INSERT INTO activity (user_id, identifier, request_id, type, data)
  SELECT user_id, identifier, id, 'request.created',
         jsonb_build_object('type', 'CREATE', 'operation', 'CREATE', 'status', 'CREATED',
                            'revision', revision)
    FROM accepted
)
SELECT id, revision, created_at AS "createdAt" FROM requests`,
};
