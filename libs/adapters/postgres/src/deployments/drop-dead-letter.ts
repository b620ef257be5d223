/** Takes a dead letter out of the queue for good. */
import { isUuid } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { Actor, Scope } from './contract.ts';

/** False where the scope has no such letter that still waits. */
export async function dropDeadLetter(
  { pool }: Postgres,
  scope: Scope,
  id: string,
  actor: Actor,
): Promise<boolean> {
  if (!isUuid(id)) return false;
  const rows = await query(pool, dropStatement, [
    id,
    scope.userId,
    actor.userId,
    actor.role,
    actor.remoteAddress,
  ]);
  return rows.length > 0;
}

/** The request is a plain FAILURE from then on (the machine's dead-letter-dropped). */
const dropStatement: Statement = {
  name: 'drop_dead_letter',
  text: `
WITH dropped AS (
  UPDATE dead_letters SET dropped_at = now()
   WHERE id = $1 AND ($2::text IS NULL OR user_id = $2)
     AND replayed_revision IS NULL AND dropped_at IS NULL
  RETURNING id, identifier, request_id, revision
), requests AS (
  UPDATE deployment_requests q
     SET dead_lettered = false, version = q.version + 1, updated_at = now()
    FROM dropped d
   WHERE q.id = d.request_id AND q.revision = d.revision AND q.dead_lettered
), audited AS (
  INSERT INTO audit_log (user_id, role, action, target, revision, outcome, remote_address)
  SELECT $3, $4, 'dead-letter.drop', coalesce(identifier, id::text), revision, 'accepted', $5
    FROM dropped
)
SELECT id FROM dropped`,
};
