/**
 * The migrations as files: one folder each, named `<UTC time>_<what>`, applied in the order of
 * their names. A folder that was applied anywhere is never changed again.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '@windlass/base';

export type MigrationFile = {
  /** The folder's name, which is the migration's name in `_prisma_migrations`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex, as the schema engine keeps it. */
  readonly checksum: string;
  /** What its first line says after `-- destructive:`; null where it says nothing. */
  readonly destructiveReason: string | null;
};

const nameForm = /^\d{14}_[a-z0-9_]+$/;
const markForm = /^-- destructive: (\S.*)$/;

/** All migrations of a folder, in the order in which they are applied. */
export async function readMigrations(directory: string): Promise<readonly MigrationFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  assert(names.length > 0, 'the folder of migrations is empty');
  return Promise.all(names.sort().map((name) => readMigration(directory, name)));
}

async function readMigration(directory: string, name: string): Promise<MigrationFile> {
  assert(nameForm.test(name), `a migration's name is <14 digits>_<what>: ${name}`);
  const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
  return { name, ...describeMigration(sql) };
}

/** What a migration's text says about itself. */
export function describeMigration(sql: string): Omit<MigrationFile, 'name'> {
  const firstLine = sql.slice(0, sql.indexOf('\n'));
  return {
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    destructiveReason: markForm.exec(firstLine)?.[1] ?? null,
  };
}
