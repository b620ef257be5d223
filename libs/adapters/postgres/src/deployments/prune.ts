/** Deletes what has served its time. Bounded batches: a delete never locks or writes much at once. */
import type { Postgres } from '../connect.ts';
import { queryOne, type Statement } from '../query.ts';
import type { DeploymentStore } from './contract.ts';

/** Rows per statement; each takes some 20 ms. */
const batchRows = 2_000;
/** Statements per table and call: a call stays within seconds, the next one goes on. */
const batchesMax = 50;

/** @returns how many rows were deleted */
export async function prune(
  { pool }: Postgres,
  ages: Parameters<DeploymentStore['prune']>[0],
): Promise<number> {
  const pruneTable = async (statement: Statement, ageMs: number): Promise<number> => {
    let total = 0;
    for (let batch = 0; batch < batchesMax; batch += 1) {
      const row = await queryOne<{ readonly deleted: number }>(pool, statement, [ageMs, batchRows]);
      const deleted = row?.deleted ?? 0;
      total += deleted;
      if (deleted < batchRows) break;
    }
    return total;
  };
  return (
    (await pruneTable(pruneOutboxStatement, ages.outboxMs)) +
    (await pruneTable(pruneActivityStatement, ages.activityMs))
  );
}

/** Looks at the oldest rows only: their ids are made from the time. */
const pruneOutboxStatement: Statement = {
  name: 'prune_outbox',
  text: `
WITH oldest AS MATERIALIZED (
  SELECT id, sent_at FROM outbox ORDER BY id LIMIT $2
), deleted AS (
  DELETE FROM outbox o USING oldest
   WHERE o.id = oldest.id
     AND oldest.sent_at < now() - $1::double precision * interval '1 millisecond'
  RETURNING o.id
)
SELECT count(*)::int AS deleted FROM deleted`,
};

/** Moves the horizon in the same statement: a reader sees the rows or learns of the gap. */
const pruneActivityStatement: Statement = {
  name: 'prune_activity',
  text: `
WITH oldest AS MATERIALIZED (
  SELECT txid, id, at FROM activity ORDER BY txid, id LIMIT $2
), deleted AS (
  DELETE FROM activity a USING oldest
   WHERE a.txid = oldest.txid AND a.id = oldest.id
     AND oldest.at < now() - $1::double precision * interval '1 millisecond'
  RETURNING a.txid, a.id
), newest AS (
  SELECT txid, id FROM deleted ORDER BY txid DESC, id DESC LIMIT 1
), moved AS (
  UPDATE activity_horizon h SET txid = n.txid, id = n.id
    FROM newest n
   WHERE (h.txid, h.id) < (n.txid, n.id)
)
SELECT count(*)::int AS deleted FROM deleted`,
};
