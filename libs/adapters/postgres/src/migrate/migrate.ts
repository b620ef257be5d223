/**
 * Brings a database to this release's schema. Safe when several start at once: one works, the
 * others wait and then find nothing to do. Read next: plan.ts, schema-engine.ts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WindlassError } from '@windlass/errors';
import type { Log } from '@windlass/telemetry';
import { Client } from 'pg';
import {
  type ConnectionOptions,
  connectionOptions,
  type PostgresTls,
} from '../connection-options.ts';
import { passingError } from '../errors.ts';
import { readHistory } from './history.ts';
import { type MigrationFile, readMigrations } from './migration-files.ts';
import { planMigrations } from './plan.ts';
import { applyMigrations } from './schema-engine.ts';

export type MigrateOptions = {
  readonly databaseUrl: string;
  readonly tls?: PostgresTls | null;
  readonly log: Log;
  /** Applies migrations that are marked as destructive, too. False by default. */
  readonly allowDestructive?: boolean;
  /** The folder of migrations; this package's own by default, for a bundle the one beside it. */
  readonly directory?: string;
  /** How long to wait for another migration of the same database. */
  readonly lockDeadlineMs?: number;
};

export type MigrateResult = {
  /** Applied by this call, in order. */
  readonly applied: readonly string[];
  /** All that this release knows; every one of them is applied now. */
  readonly known: readonly string[];
};

/** Longer than any migration that may run in one transaction beside live traffic. */
const lockDeadlineMsDefault = 300_000;
/** Asked again this often; waiting inside PostgreSQL would hold a snapshot that others wait for. */
const lockPollMs = 200;
/** A change of a table waits no longer for its readers: behind it every other query queues up. */
const tableLockDeadlineMs = 30_000;
/** Any number will do, as long as nothing else of ours takes the same advisory lock. */
const migrationLockKey = 7_300_217_401;

const ownDirectory = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/**
 * @throws WindlassError `conflict` with every reason where it refuses or a migration fails;
 *   `unavailable` or `deadline` where the server, or the lock, can't be had
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const connection = await connectionOptions(
    options.databaseUrl,
    options.tls ?? null,
    'windlass-migrate',
  );
  const files = await readMigrations(options.directory ?? ownDirectory);
  const session = new Client(connection);
  // The session only holds the lock; when it breaks, the next query on it says so.
  session.on('error', () => undefined);
  try {
    await session.connect();
    await lock(session, options);
    return await migrateLocked(session, connection, files, options);
  } catch (error) {
    throw passingError(error);
  } finally {
    // Ends the lock too, also where the session is broken.
    await session.end();
  }
}

async function migrateLocked(
  session: Client,
  connection: ConnectionOptions,
  files: readonly MigrationFile[],
  { log, directory = ownDirectory, allowDestructive = false }: MigrateOptions,
): Promise<MigrateResult> {
  const plan = planMigrations(files, await readHistory(session), allowDestructive);
  if (!plan.ok) throw new WindlassError('conflict', plan.error.join('; '));
  if (plan.value.unknown.length > 0) {
    log.warn('database_is_newer', { migrations: plan.value.unknown.join(', ') });
  }
  const known = files.map(({ name }) => name);
  if (plan.value.pending.length === 0) return { applied: [], known };
  const guarded = { ...connection, lock_timeout: tableLockDeadlineMs };
  const applied = await applyMigrations(guarded, directory, files);
  await verify(session, known);
  for (const name of applied) log.info('migration_applied', { name });
  return { applied, known };
}

async function lock(session: Client, options: MigrateOptions): Promise<void> {
  const deadlineMs = options.lockDeadlineMs ?? lockDeadlineMsDefault;
  const startedMs = performance.now();
  for (let tries = 0; ; tries += 1) {
    const { rows } = await session.query<{ readonly held: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS held',
      [migrationLockKey],
    );
    if (rows[0]?.held === true) return;
    if (tries === 0) options.log.info('migration_lock_awaited', { deadline_ms: deadlineMs });
    if (performance.now() - startedMs >= deadlineMs) {
      throw new WindlassError(
        'deadline',
        `another migration of this database took longer than ${deadlineMs} ms`,
      );
    }
    await delay(lockPollMs);
  }
}

/** The engine's word is not taken for it: every migration must be on record as finished. */
async function verify(session: Client, known: readonly string[]): Promise<void> {
  const history = await readHistory(session);
  const finished = new Set(history.filter((entry) => entry.finished).map(({ name }) => name));
  const missing = known.filter((name) => !finished.has(name));
  if (missing.length > 0) {
    throw new WindlassError('internal', `not applied after all: ${missing.join(', ')}`);
  }
}
