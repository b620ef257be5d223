/** What `_prisma_migrations` says has been done to a database. */
import type pg from 'pg';

export type AppliedMigration = {
  readonly name: string;
  readonly checksum: string;
  /** False: it was begun and never finished, so that somebody has to look. */
  readonly finished: boolean;
};

/** Sorted by name; empty for a database without the table. */
export async function readHistory(client: pg.Client): Promise<readonly AppliedMigration[]> {
  const { rows: tables } = await client.query<{ readonly present: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  );
  if (tables[0]?.present !== true) return [];
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations
      WHERE rolled_back_at IS NULL
      ORDER BY migration_name`,
  );
  return rows;
}
