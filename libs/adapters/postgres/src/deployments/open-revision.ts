/**
 * Adds a revision to a locked request: the identifier's next number, status CREATED, the row that
 * wakes a worker, audit, activity, and the idempotency key where there is one.
 */
import { newUuid } from '@windlass/base';
import { type Operation, RequestStatus, type RequestType } from '@windlass/request-machine';
import { type Queryable, queryOne, type Statement } from '../query.ts';
import type { Actor, RequestRecord } from './contract.ts';
import { requestById } from './get-request.ts';
import { callersJson } from './text.ts';

export type NewRevision = {
  readonly request: RequestRecord;
  /** What the machine makes of the request. */
  readonly type: RequestType;
  readonly operation: Operation;
  readonly spec: RequestRecord['spec'];
  readonly actor: Actor;
  /** For the audit trail: `request.scale`. */
  readonly action: string;
  /** For the audit trail: `accepted`, or why the system did it. */
  readonly outcome: string;
  readonly key: { readonly key: string; readonly payloadHash: string } | null;
  readonly traceparent: string | null;
};

/**
 * @returns the request with its new revision; null, with nothing done, where somebody else has taken
 *   the identifier after it was released. Needs the request's lock.
 */
export async function openRevision(
  client: Queryable,
  revision: NewRevision,
): Promise<RequestRecord | null> {
  const { request, actor } = revision;
  const opened = await queryOne<{ readonly id: string }>(client, openStatement, [
    request.id,
    request.identifier,
    revision.type,
    revision.operation,
    callersJson(revision.spec),
    revision.spec.replicas,
    newUuid(),
    revision.traceparent,
    actor.userId,
    actor.role,
    actor.remoteAddress,
    revision.action,
    revision.outcome,
    revision.key?.key ?? null,
    revision.key?.payloadHash ?? null,
    RequestStatus.Created,
  ]);
  return opened === null ? null : requestById(client, opened.id);
}

/**
 * A released identifier is taken back: only a deletion that is done again comes this way. `before` is
 * what the identifier's row says: while it is held, it changes only under the request's lock.
 */
const openStatement: Statement = {
  name: 'open_revision',
  text: `
WITH before AS MATERIALIZED (
  SELECT replicas, released_at IS NOT NULL AS released FROM identifiers WHERE identifier = $2
), held AS (
  UPDATE identifiers
     SET last_revision = last_revision + 1, replicas = $6, released_at = NULL
   WHERE identifier = $2 AND request_id = $1
  RETURNING identifier, last_revision AS revision
), changed AS (
  UPDATE deployment_requests q
     SET type = $3, status = $16, revision = h.revision, dead_lettered = false,
         version = q.version + 1, updated_at = now()
    FROM held h
   WHERE q.id = $1
  RETURNING q.id, q.user_id, q.identifier, q.revision
), users_used AS (
  UPDATE users u
     SET deployments = u.deployments + CASE WHEN b.released THEN 1 ELSE 0 END,
         replicas = u.replicas + $6 - CASE WHEN b.released THEN 0 ELSE b.replicas END
    FROM changed c, before b
   WHERE u.id = c.user_id AND (b.released OR b.replicas <> $6)
), opened AS (
  INSERT INTO revisions (identifier, revision, request_id, operation, spec, traceparent, created_by)
  SELECT identifier, revision, id, $4, $5::jsonb, $8, $9 FROM changed
), keys AS (
  INSERT INTO idempotency_keys (user_id, key, request_id, revision, operation, payload_hash)
  SELECT $9, $14, id, revision, $4, $15 FROM changed WHERE $14::text IS NOT NULL
), wakes AS (
  INSERT INTO outbox (id, identifier, request_id, revision, traceparent)
  SELECT $7::uuid, identifier, id, revision, $8 FROM changed
), audited AS (
  INSERT INTO audit_log (user_id, role, action, target, revision, outcome, remote_address)
  SELECT $9, $10, $12, identifier, revision, $13, $11 FROM changed
), told AS (
  INSERT INTO activity (user_id, identifier, request_id, type, data)
  SELECT user_id, identifier, id, 'request.changed',
         jsonb_build_object('type', $3::text, 'operation', $4::text, 'status', $16::text,
                            'revision', revision)
    FROM changed
)
SELECT id FROM changed`,
};
