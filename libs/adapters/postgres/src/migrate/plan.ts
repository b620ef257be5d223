/** Decides, before anything is touched, whether and what to apply. Pure. */
import { fail, ok, type Result } from '@windlass/base';
import { findDestructive } from './destructive.ts';
import type { AppliedMigration } from './history.ts';
import type { MigrationFile } from './migration-files.ts';

export type MigrationPlan = {
  /** Not applied yet, in order. */
  readonly pending: readonly MigrationFile[];
  /** Applied by a newer release than this one; they are left alone. */
  readonly unknown: readonly string[];
};

/** @returns the plan, or every reason against it, for people */
export function planMigrations(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
  allowDestructive: boolean,
): Result<MigrationPlan, readonly string[]> {
  const applied = new Map(history.map((migration) => [migration.name, migration]));
  const known = new Set(files.map(({ name }) => name));
  const pending = files.filter(({ name }) => !applied.has(name));
  const newestApplied = history.filter(({ name }) => known.has(name)).at(-1)?.name ?? '';
  const problems = [
    ...history.filter(({ finished }) => !finished).map(({ name }) => unfinishedProblem(name)),
    ...files
      .filter(({ name, checksum }) => (applied.get(name)?.checksum ?? checksum) !== checksum)
      .map(({ name }) => `${name} was changed after it had been applied`),
    ...pending
      .filter(({ name }) => name < newestApplied)
      .map(({ name }) => `${name} is older than ${newestApplied}, which is applied already`),
    ...pending.flatMap((migration) => destructiveProblem(migration, allowDestructive)),
  ];
  if (problems.length > 0) return fail(problems);
  return ok({
    pending,
    unknown: history.map(({ name }) => name).filter((name) => !known.has(name)),
  });
}

function destructiveProblem(
  { name, sql, destructiveReason }: MigrationFile,
  allowDestructive: boolean,
): readonly string[] {
  const found = findDestructive(sql);
  if (destructiveReason === null) {
    if (found === null) return [];
    return [`${name} has "${found}" and no first line "-- destructive: <reason>"`];
  }
  if (allowDestructive) return [];
  return [`${name} is destructive (${destructiveReason}): run it with --allow-destructive`];
}

/** Each migration is one transaction, so an unfinished one usually left nothing behind. */
function unfinishedProblem(name: string): string {
  return (
    `${name} was begun and never finished. See whether its changes are there; then mark it with ` +
    `UPDATE _prisma_migrations SET finished_at = now() (they are) or rolled_back_at = now() ` +
    `(they are not) WHERE migration_name = '${name}' AND finished_at IS NULL`
  );
}
