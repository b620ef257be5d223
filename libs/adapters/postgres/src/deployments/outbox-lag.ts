/** How far the relay is behind. */
import type { Postgres } from '../connect.ts';
import { queryOne, type Statement } from '../query.ts';

/** oldestMs: age of the oldest unsent row, 0 where there is none. */
export async function outboxLag({
  pool,
}: Postgres): Promise<{ readonly oldestMs: number; readonly unsent: number }> {
  const row = await queryOne<{ readonly oldestMs: number | null; readonly unsent: number }>(
    pool,
    lagStatement,
    [],
  );
  return { oldestMs: Math.max(0, Math.round(row?.oldestMs ?? 0)), unsent: row?.unsent ?? 0 };
}

const lagStatement: Statement = {
  name: 'outbox_lag',
  text: `
SELECT (extract(epoch FROM now() - min(created_at)) * 1000)::double precision AS "oldestMs",
       count(*)::int AS unsent
  FROM outbox
 WHERE sent_at IS NULL`,
};
