import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { queryOnce } from './query.ts';
import { testPostgres } from './test-postgres.ts';

describe('testPostgres', () => {
  it('gives every caller a migrated database of its own', async () => {
    const [one, two] = await Promise.all([testPostgres(), testPostgres()]);
    try {
      await queryOnce(one.url, 'CREATE TABLE mine (id int)');
      const found = await queryOnce(two.url, "SELECT to_regclass('mine') AS mine");
      expect(found).toEqual([{ mine: null }]);
      const history = await queryOnce(two.url, "SELECT to_regclass('_prisma_migrations') AS name");
      expect(history).toEqual([{ name: '_prisma_migrations' }]);
    } finally {
      await Promise.all([one.drop(), two.drop()]);
    }
  });

  it('gives an empty database for tests of migrations', async () => {
    const database = await testPostgres({ migrated: false });
    const tables = await queryOnce(
      database.url,
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    );
    expect(tables).toEqual([]);
    await database.drop();
  });

  it('names the sessions that a test left open, and removes the database', async () => {
    const database = await testPostgres({ migrated: false });
    const client = new Client({
      connectionString: database.url,
      application_name: 'forgotten',
    });
    const ended = new Promise<Error>((resolve) => {
      client.on('error', resolve);
    });
    await client.connect();
    await client.query('SELECT 1');
    await expect(database.drop()).rejects.toThrow(/1 sessions were left open\nforgotten \(idle\)/);
    expect((await ended).message).toMatch(/terminat/i);
    await expect(queryOnce(database.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });
});
