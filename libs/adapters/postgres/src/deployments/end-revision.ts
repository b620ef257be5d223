/**
 * Ends a claimed revision: the revision, the request where it is the newest, the identifier and the
 * deployment after a deletion, the dead letter, activity; all or nothing. Concurrent calls share one
 * statement.
 *
 * The request follows the machine (`next` with revision-succeeded, -failed, -dead-lettered), in SQL,
 * because whether the revision is the newest is known only while the request's row is locked: revisions
 * end in their order, so another revision in the request's row is newer, and open. A test compares SQL
 * and machine for every state and event.
 */
import { newUuid } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import { createStatementBatcher } from './batches.ts';
import type { EndInput, EndOutcome } from './contract.ts';
import { boundedMessage, ownJson } from './text.ts';

export function createEndRevision(postgres: Postgres) {
  const batcher = createStatementBatcher<EndInput, EndOutcome>({
    name: 'end',
    metrics: postgres.metrics,
    run: (items) => endItems(postgres, items),
  });
  return { endRevision: batcher.add };
}

async function endItems(
  { pool }: Postgres,
  items: readonly EndInput[],
): Promise<readonly EndOutcome[]> {
  const rows = await query<EndedRow>(pool, endStatement, [ownJson(items.map(inputRow))]);
  const byOrdinal = new Map(rows.map((row) => [row.ordinal, row]));
  return items.map((_item, ordinal) => {
    const row = byOrdinal.get(ordinal);
    return row === undefined ? { kind: 'lost' } : { kind: 'ended', more: row.more };
  });
}

function inputRow({ claim, outcome }: EndInput, ordinal: number) {
  const error = outcome.kind === 'failure' ? outcome.error : null;
  const letter = outcome.kind === 'failure' ? outcome.deadLetter : null;
  return {
    ordinal,
    identifier: claim.identifier,
    revision: claim.revision,
    claims: claim.attempt,
    status: outcome.kind === 'success' ? 'SUCCESS' : 'FAILURE',
    error_code: error?.code ?? null,
    error_message: error === null ? null : boundedMessage(error.message),
    letter_id: letter === null ? null : newUuid(),
    deduplication_id: letter?.deduplicationId ?? null,
    stream: letter?.stream ?? null,
    subject: letter?.subject ?? null,
    payload: letter === null ? null : Buffer.from(letter.payload).toString('base64'),
    reason: letter === null ? null : boundedMessage(letter.reason),
    attempts: letter?.attempts ?? null,
  };
}

type EndedRow = { readonly ordinal: number; readonly more: boolean };

/**
 * Locks: revision, request, identifier, user, deployment. `first_revision` of a deployment's row says from
 * which revision on readings of the cluster are the holder's: after a release it is the next holder's
 * first, which shuts out late readings of what was deleted.
 */
const endStatement: Statement = {
  name: 'end_revisions',
  text: `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS i(
    ordinal integer, identifier text, revision bigint, claims integer, status text,
    error_code text, error_message text, letter_id uuid, deduplication_id text, stream text,
    subject text, payload text, reason text, attempts integer)
  ORDER BY identifier
), ended AS (
  UPDATE revisions r
     SET status = i.status, ended_at = now(), claimed_by = NULL, claimed_until = NULL,
         not_before = NULL, error_code = i.error_code, error_message = i.error_message
    FROM input i
   WHERE r.identifier = i.identifier AND r.revision = i.revision AND r.status = 'OPEN'
     AND r.claims = i.claims AND r.claimed_by IS NOT NULL
  RETURNING i.*, r.request_id, r.operation
), finished AS (
  UPDATE deployment_requests q
     SET status = e.status, dead_lettered = e.letter_id IS NOT NULL, version = q.version + 1,
         updated_at = now()
    FROM ended e
   WHERE q.id = e.request_id AND q.revision = e.revision
  RETURNING q.id, q.user_id, q.identifier, q.type, q.status
), released AS (
  UPDATE identifiers x SET released_at = now()
    FROM finished f
   WHERE f.type = 'DELETE' AND f.status = 'SUCCESS'
     AND x.identifier = f.identifier AND x.request_id = f.id
  RETURNING x.identifier, x.namespace, x.user_id, x.request_id, x.last_revision, x.replicas
), users_used AS (
  UPDATE users u
     SET deployments = u.deployments - g.deployments, replicas = u.replicas - g.replicas
    FROM (SELECT user_id, count(*) AS deployments, sum(replicas) AS replicas
            FROM released GROUP BY user_id ORDER BY user_id) g
   WHERE u.id = g.user_id
), gone AS (
  INSERT INTO deployments AS d
         (identifier, namespace, user_id, request_id, uid, resource_version, generation,
          observed_generation, revision, image, replicas, ready_replicas, updated_replicas,
          available_replicas, paused, health, health_reason, health_message, conditions, labels,
          created_at, first_revision, tombstone, shown_txid)
  SELECT identifier, namespace, user_id, request_id, '', 0, 0, 0, 0, '', 0, 0, 0, 0, false,
         'Missing', 'Deleted', '', '[]', '{}', now(), last_revision + 1, true, '0'
    FROM released
  ON CONFLICT (identifier) DO UPDATE
     SET tombstone = true, first_revision = excluded.first_revision, synced_at = now(),
         shown_txid = CASE WHEN d.tombstone THEN d.shown_txid ELSE pg_current_xact_id() END
  RETURNING d.identifier, d.shown_txid = pg_current_xact_id() AS was_shown
), letters AS (
  INSERT INTO dead_letters AS l
         (id, deduplication_id, user_id, identifier, request_id, revision, stream, subject,
          payload, reason, attempts)
  SELECT e.letter_id, e.deduplication_id, q.user_id, e.identifier, e.request_id, e.revision,
         e.stream, e.subject, decode(e.payload, 'base64'), e.reason, e.attempts
    FROM ended e JOIN deployment_requests q ON q.id = e.request_id
   WHERE e.letter_id IS NOT NULL
  ON CONFLICT (deduplication_id) DO UPDATE
     SET user_id = excluded.user_id, identifier = excluded.identifier,
         request_id = excluded.request_id, revision = excluded.revision
   WHERE l.user_id IS NULL
), news AS (
  SELECT 1 AS place, q.user_id, e.identifier, e.request_id,
         CASE e.status WHEN 'SUCCESS' THEN 'request.succeeded' ELSE 'request.failed' END AS type,
         jsonb_build_object('operation', e.operation, 'status', e.status, 'revision', e.revision,
                            'newest', f.id IS NOT NULL, 'deadLettered', e.letter_id IS NOT NULL,
                            'error', CASE WHEN e.error_code IS NOT NULL THEN jsonb_build_object(
                              'code', e.error_code, 'message', e.error_message) END) AS data
    FROM ended e
    JOIN deployment_requests q ON q.id = e.request_id
    LEFT JOIN finished f ON f.id = e.request_id
  UNION ALL
  SELECT 2, r.user_id, r.identifier, r.request_id, 'deployment.deleted', '{}'
    FROM gone g JOIN released r USING (identifier)
   WHERE g.was_shown
), told AS (
  INSERT INTO activity (user_id, identifier, request_id, type, data)
  SELECT user_id, identifier, request_id, type, data FROM news ORDER BY identifier, place
)
SELECT e.ordinal, f.id IS NULL AS more
  FROM ended e
  LEFT JOIN finished f ON f.id = e.request_id`,
};
