/** Finds what the sweeper has to wake. */
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';

/**
 * Identifiers whose oldest open revision nobody has touched for the given time, longest first: not
 * accepted, claimed, renewed or due since then.
 */
export async function findStandingStill(
  { pool }: Postgres,
  idleMs: number,
  limit: number,
): Promise<readonly string[]> {
  const rows = await query<{ readonly identifier: string }>(pool, standingStillStatement, [
    idleMs,
    limit,
  ]);
  return rows.map(({ identifier }) => identifier);
}

const standingStillStatement: Statement = {
  name: 'find_standing_still',
  text: `
WITH oldest AS (
  SELECT DISTINCT ON (identifier)
         identifier, greatest(created_at, claimed_until, not_before) AS touched_at
    FROM revisions
   WHERE status = 'OPEN'
   ORDER BY identifier, revision
)
SELECT identifier FROM oldest
 WHERE touched_at < now() - $1::double precision * interval '1 millisecond'
 ORDER BY touched_at, identifier
 LIMIT $2`,
};
