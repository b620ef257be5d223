/**
 * Prisma's schema engine, as wasm: it applies migrations and keeps `_prisma_migrations`. Prisma's
 * own command is not used, because it needs a native engine: with PRISMA_SCHEMA_ENGINE_BINARY set
 * to something else, `prisma migrate deploy` ends with 0 and has applied nothing.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import { WindlassError } from '@windlass/errors';
import { Pool } from 'pg';
import type { ConnectionOptions } from '../connection-options.ts';
import { passingError } from '../errors.ts';
import type { MigrationFile } from './migration-files.ts';

/** Nothing in the database is somebody else's. */
const filters = { externalTables: [], externalEnums: [] };

/**
 * Applies what isn't applied yet, in order, each migration wholly or not at all.
 *
 * @returns names of those that were applied now
 * @throws WindlassError where a migration fails; those before it stay applied
 */
export async function applyMigrations(
  options: ConnectionOptions,
  directory: string,
  migrations: readonly MigrationFile[],
): Promise<readonly string[]> {
  const pool = new Pool({ ...options, max: 1 });
  let reason: unknown = null;
  const noteReason = (noted: unknown): void => {
    reason = noted;
  };
  reportPanicsTo(noteReason);
  try {
    const engine = await SchemaEngine.new(
      { datamodels: undefined },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(adapterFactory(pool, noteReason)),
    );
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: directory,
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
      filters,
    });
    return appliedMigrationNames;
  } catch (error) {
    const cause = reason ?? error;
    const passing = passingError(cause);
    if (passing !== cause) throw passing;
    throw new WindlassError('conflict', `a migration failed: ${textOf(cause)}`, { cause });
  } finally {
    await pool.end();
  }
}

/**
 * Prisma's adapter cuts a script at every semicolon, also inside a function's body, and commits
 * piece by piece. Ours sends it whole: PostgreSQL runs a script of several statements as one
 * transaction.
 */
function adapterFactory(
  pool: Pool,
  noteReason: (reason: unknown) => void,
): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool);
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await factory.connect();
    return Object.assign(adapter, {
      executeScript: async (script: string): Promise<void> => {
        try {
          await pool.query(script);
        } catch (error) {
          // The engine would only say that something outside of it failed.
          noteReason(error);
          throw error;
        }
      },
    });
  };
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect,
    connectToShadowDb: () => Promise.reject(new Error('applying migrations needs no shadow')),
  };
}

/** The engine's own text ends in a stack of its internals; people need its first part. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n   0: ')[0]?.trim() ?? text;
}

/** The engine calls this global before it dies; without it a panic has no message. */
function reportPanicsTo(report: (message: string) => void): void {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: report } });
}
