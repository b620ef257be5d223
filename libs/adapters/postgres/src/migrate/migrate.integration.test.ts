import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createLog } from '@windlass/telemetry';
import {
  type TemporaryFolder,
  type TestPostgres,
  temporaryFolder,
  testPostgres,
} from '@windlass/testkit';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quietLog } from '../testing/test-store.ts';
import { migrate } from './index.ts';
import { readMigrations } from './migration-files.ts';

const ownDirectory = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const command = fileURLToPath(new URL('main.ts', import.meta.url));

let database: TestPostgres;
let folder: TemporaryFolder;
beforeEach(async () => {
  database = await testPostgres({ migrated: false });
  folder = temporaryFolder();
});
afterEach(async () => {
  folder.remove();
  await database.drop();
});

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A folder of migrations with these files. */
async function directory(files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder.path, 'migrations');
  await rm(path, { recursive: true, force: true });
  for (const [name, sql] of Object.entries(files)) {
    await mkdir(join(path, name), { recursive: true });
    await writeFile(join(path, name, 'migration.sql'), sql);
  }
  return path;
}

const run = (more: Partial<Parameters<typeof migrate>[0]> = {}) =>
  migrate({ databaseUrl: database.url, log: quietLog, ...more });

const first = { '20260101000000_first': 'CREATE TABLE first (id int PRIMARY KEY);\n' };

describe('migrate', () => {
  it('applies every migration, once', async () => {
    const names = (await readMigrations(ownDirectory)).map(({ name }) => name);
    expect(await run()).toEqual({ applied: names, known: names });
    expect(await run()).toEqual({ applied: [], known: names });
    const recorded = await rows(
      `SELECT migration_name, finished_at IS NOT NULL AS finished FROM _prisma_migrations`,
    );
    expect(recorded).toEqual(names.map((name) => ({ migration_name: name, finished: true })));
    expect(await rows('SELECT * FROM audit_log')).toEqual([]);
  });

  it('is safe when four processes start at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () =>
        promisify(execFile)(process.execPath, [command], {
          env: { ...process.env, DATABASE_URL: database.url, LOG_FORMAT: 'json' },
        }),
      ),
    );
    const applied = outcomes.map(({ stdout }) => {
      const lines = stdout
        .trim()
        .split('\n')
        .map((line): Record<string, unknown> => JSON.parse(line));
      return lines.find(({ msg }) => msg === 'database_migrated')?.['applied'];
    });
    expect(applied.map(Number).sort((a, b) => a - b)).toEqual([
      0,
      0,
      0,
      (await readMigrations(ownDirectory)).length,
    ]);
  });

  it('refuses a destructive migration unless it is allowed, before it touches anything', async () => {
    const path = await directory({
      ...first,
      '20260102000000_second': `-- destructive: nobody reads it
DROP TABLE first;
`,
    });
    const refused = run({ directory: path });
    await expect(refused).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/20260102000000_second is destructive \(nobody reads it\)/),
    });
    expect(await rows(`SELECT to_regclass('first') AS found`)).toEqual([{ found: null }]);
    const { applied } = await run({ directory: path, allowDestructive: true });
    expect(applied).toEqual(['20260101000000_first', '20260102000000_second']);
  });

  it('leaves nothing behind of a migration that fails, and refuses until it was looked at', async () => {
    const path = await directory({
      ...first,
      '20260102000000_second': `CREATE TABLE second (id int);
INSERT INTO second VALUES (1);
INSERT INTO second VALUES (1 / 0);
`,
    });
    await expect(run({ directory: path })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('division by zero'),
    });
    expect(
      await rows(`SELECT to_regclass('first')::text AS first, to_regclass('second') AS second`),
    ).toEqual([{ first: 'first', second: null }]);
    await expect(run({ directory: path })).rejects.toMatchObject({
      message: expect.stringMatching(/second was begun and never finished/),
    });
    await rows(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL`);
    await writeFile(
      join(path, '20260102000000_second', 'migration.sql'),
      'CREATE TABLE second (id int);\n',
    );
    expect((await run({ directory: path })).applied).toEqual(['20260102000000_second']);
  });

  it('runs scripts whole: a function may have semicolons in its body', async () => {
    const path = await directory({
      '20260101000000_function': `CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1; -- a comment; with a semicolon
  RETURN 2;
END
$$;
`,
    });
    await run({ directory: path });
    expect(await rows('SELECT two()')).toEqual([{ two: 2 }]);
  });

  it('refuses what was changed after it had been applied, and what comes too late', async () => {
    const path = await directory(first);
    await run({ directory: path });
    const file = join(path, '20260101000000_first', 'migration.sql');
    await writeFile(file, `${await readFile(file, 'utf8')}SELECT 1;\n`);
    await expect(run({ directory: path })).rejects.toMatchObject({
      message: expect.stringMatching(/first was changed after it had been applied/),
    });
    const late = await directory({ ...first, '20250101000000_late': 'SELECT 1;\n' });
    await expect(run({ directory: late })).rejects.toMatchObject({
      message: expect.stringMatching(/late is older than 20260101000000_first/),
    });
  });

  it('leaves a database alone that a newer release has migrated', async () => {
    const newer = { ...first, '20260102000000_newer': 'CREATE TABLE newer (id int);\n' };
    await run({ directory: await directory(newer) });
    const lines: string[] = [];
    const log = createLog({
      app: 'test',
      level: 'warn',
      format: 'json',
      destination: { write: (line) => lines.push(line) },
    });
    expect(await run({ directory: await directory(first), log })).toEqual({
      applied: [],
      known: ['20260101000000_first'],
    });
    expect(lines.join('')).toContain('20260102000000_newer');
  });

  it('waits for another migration up to its deadline', async () => {
    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query('SELECT pg_advisory_lock(7300217401)');
    await expect(run({ lockDeadlineMs: 300 })).rejects.toMatchObject({ code: 'deadline' });
    const waiting = run();
    await other.end();
    expect((await waiting).applied).not.toEqual([]);
  });

  it('takes no word for it: an engine that did nothing is found out', async () => {
    await cp(ownDirectory, join(folder.path, 'migrations'), { recursive: true });
    await run({ directory: join(folder.path, 'migrations') });
    await rows(`CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.finished_at := NULL; RETURN NEW; END $$`);
    await rows(`CREATE TRIGGER forget BEFORE INSERT OR UPDATE ON _prisma_migrations
                FOR EACH ROW EXECUTE FUNCTION forget()`);
    const next = join(folder.path, 'migrations', '20990101000000_next');
    await mkdir(next);
    await writeFile(join(next, 'migration.sql'), 'SELECT 1;\n');
    await expect(run({ directory: join(folder.path, 'migrations') })).rejects.toMatchObject({
      code: 'internal',
      message: 'not applied after all: 20990101000000_next',
    });
  });
});

const exitOf = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
  try {
    await promisify(execFile)(process.execPath, [command, ...args], {
      env: { PATH: process.env['PATH'], ...env },
    });
    return { code: 0, output: '' };
  } catch (error) {
    const { code, stdout, stderr } = Object.assign({ code: 0, stdout: '', stderr: '' }, error);
    return { code, output: `${stdout}${stderr}` };
  }
};

describe('the command', () => {
  it('says by its exit code what to do next', async () => {
    const path = await directory({
      '20260101000000_first': '-- destructive: a test\nTRUNCATE nothing;\n',
    });
    const env = { DATABASE_URL: database.url, MIGRATIONS_DIR: path, LOG_FORMAT: 'json' };
    expect((await exitOf(['--help'], {})).code).toBe(0);
    expect((await exitOf([], {})).code).toBe(1);
    expect((await exitOf(['--unknown'], env)).code).toBe(1);
    expect((await exitOf([], env)).code).toBe(3);
    const failed = await exitOf(['--allow-destructive'], env);
    expect(failed).toMatchObject({ code: 3, output: expect.stringContaining('nothing') });
    const away = { ...env, DATABASE_URL: 'postgres://user:hidden@127.0.0.1:1/x' };
    const unreachable = await exitOf([], away);
    expect(unreachable.code).toBe(4);
    expect(unreachable.output).not.toContain('hidden');
  });
});
