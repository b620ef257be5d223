/**
 * The images, without Docker: their build's own steps, run in a folder, and what comes of them started
 * as a pod would start it. What Docker adds (the base image, the user) isn't shown here.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type TemporaryFolder,
  type TestPostgres,
  temporaryFolder,
  testPostgres,
} from '@windlass/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { render, repositoryDir } from './testing/charts.ts';
import { startContainer } from './testing/container.ts';
import { type BuiltImage, buildWithoutDocker, readDockerfile } from './testing/dockerfile.ts';
import { containerOf, environmentOf, only } from './testing/manifest.ts';

const dockerfile = join(repositoryDir, 'deploy/images/migrations.Dockerfile');
const migrations = readdirSync(join(repositoryDir, 'libs/adapters/postgres/prisma/migrations'), {
  withFileTypes: true,
}).filter((entry) => entry.isDirectory());

let folder: TemporaryFolder;
let image: BuiltImage;
beforeAll(async () => {
  folder = temporaryFolder();
  const options = { args: {}, root: repositoryDir, folder: folder.path };
  image = await buildWithoutDocker(readDockerfile(dockerfile), options);
});
afterAll(() => folder.remove());

/** One pod of the chart's Job. */
async function runJob(url: string, set: readonly string[] = []) {
  const container = containerOf(only(await render('migrations', { set }), 'Job'));
  const running = startContainer({
    image,
    folder: folder.path,
    env: environmentOf(container),
    files: { '/etc/windlass/DATABASE_URL': url },
    args: container.args ?? [],
  });
  const exitCode = await running.ended;
  return { exitCode, output: running.output() };
}

async function emptyDatabase(): Promise<TestPostgres> {
  const database = await testPostgres({ migrated: false });
  onTestFinished(database.drop);
  return database;
}

async function finished(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ readonly count: number }>(
      'SELECT count(*)::int AS count FROM _prisma_migrations WHERE finished_at IS NOT NULL',
    );
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

/** How many migrations a run says that it applied. */
function applied({ output }: { readonly output: string }): number {
  const line = output.split('\n').find((each) => each.includes('"database_migrated"'));
  const { applied: count }: { readonly applied: unknown } = JSON.parse(line ?? '{}');
  return Number(count);
}

describe('the image of the migrations', () => {
  it('applies them all, also where two start at once; a third has nothing to do', async () => {
    const { url } = await emptyDatabase();
    const both = await Promise.all([runJob(url), runJob(url)]);
    expect(both).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
    expect(new Set(both.map(applied))).toEqual(new Set([0, migrations.length]));
    expect(await finished(url)).toBe(migrations.length);
    const third = await runJob(url);
    expect({ exitCode: third.exitCode, applied: applied(third) }).toEqual({
      exitCode: 0,
      applied: 0,
    });
    expect(await finished(url)).toBe(migrations.length);
  });

  it('ends with 4, so that the Job tries again, where the server is away', async () => {
    const { exitCode, output } = await runJob('postgres://windlass:x@127.0.0.1:1/windlass');
    expect({ exitCode, output }).toMatchObject({ exitCode: 4 });
  });

  it('knows each setting that the chart knows, and the chart each of its own', async () => {
    const help = startContainer({ image, folder: folder.path, env: {}, args: ['--help'] });
    expect(await help.ended).toBe(0);
    const names = [...help.output().matchAll(/^ {2}([A-Z_]+) {2}\(/gm)].map(([, name]) => name);
    const schema: unknown = (
      await import('../charts/migrations/values.schema.json', { with: { type: 'json' } })
    ).default;
    const known = ['settings', 'secrets', 'files'].flatMap((group) => namesIn(schema, group));
    // The image says itself where its files are.
    expect(new Set([...known, 'MIGRATIONS_DIR'])).toEqual(new Set(names));
    expect(image.env['MIGRATIONS_DIR']).toBe(join(folder.path, 'app/migrations'));
  });
});

function namesIn(schema: unknown, group: string): readonly string[] {
  const { properties } = schema as {
    readonly properties: Readonly<Record<string, { readonly properties: object }>>;
  };
  return Object.keys(properties[group]?.properties ?? {});
}
