/** The migrated database against what the code takes it for. */
import { readFile } from 'node:fs/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import { Operation, RequestStatus, RequestType, RevisionStatus } from '@windlass/request-machine';
import { Health } from '@windlass/rollout-health';
import { Pool, type QueryConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActivityType } from './deployments/contract.ts';
import { accept, finish, observing, openTestStore, type TestStore } from './testing/test-store.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

describe('schema.prisma', () => {
  it('says the same as the migrations', async () => {
    expect(await difference(await schemaText())).toBe('-- This is an empty migration.\n');
  });

  it.each([
    ['a column', 'traceparent String?\n', 'traceparent String\n'],
    ['a table', 'model User {', 'model Stranger {\n  id String @id\n}\n\nmodel User {'],
    ['an index', '  @@index([userId, id])\n', ''],
    ['the rows of an index', `raw("status = 'OPEN'")`, `raw("status = 'SUCCESS'")`],
    ['a reference', 'onDelete: NoAction', 'onDelete: Cascade'],
  ])('is told apart by %s', async (_what, from, to) => {
    const text = (await schemaText()).replaceAll(/ +/g, (spaces) =>
      spaces.length > 2 ? ' ' : spaces,
    );
    expect(text).toContain(from);
    expect(await difference(text.replace(from, to))).not.toContain('empty migration');
  });
});

describe('checks', () => {
  it.each([
    ['deployment_requests_type_check', RequestType],
    ['deployment_requests_status_check', RequestStatus],
    ['revisions_operation_check', Operation],
    ['revisions_status_check', RevisionStatus],
    ['idempotency_keys_operation_check', Operation],
    ['deployments_health_check', Health],
    ['activity_type_check', ActivityType],
    ['audit_log_role_check', { user: 'user', admin: 'admin' }],
  ])('%s allows the values of its type and no others', async (name, values) => {
    const [check] = await db.rows<{ readonly text: string }>(
      'SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conname = $1',
      [name],
    );
    const allowed = [...(check?.text ?? '').matchAll(/'([^']+)'::text/g)].map(([, value]) => value);
    expect(new Set(allowed)).toEqual(new Set(Object.values<string>(values)));
  });
});

describe('statements of the hot paths', () => {
  it('find rows by an index, also on tables that PostgreSQL takes for small', async () => {
    const client = await db.postgres.pool.connect();
    try {
      await accept(db.store, 'plans');
      await finish(db.store, 'plans');
      await db.store.recordObserved(observing('plans', 1));
      await db.store.recordAbsent('default', 'plans', '2');
      await db.store.relayOutbox(10, async (rows) => rows.map(({ id }) => id));
      await db.store.readActivity({ userId: 'alice' }, {}, '1-0', 10);
      const { rows: prepared } = await db.postgres.pool.query<{
        readonly name: string;
        readonly statement: string;
        readonly parameters: string;
      }>(`SELECT name, statement, array_length(parameter_types, 1) AS parameters
            FROM pg_prepared_statements WHERE name <> ''`);
      expect(prepared.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          'accept_requests',
          'claim_revisions',
          'end_revisions',
          'record_observed',
          'record_absent',
          'unsent_outbox',
          'read_activity',
        ]),
      );
      for (const { name, statement } of prepared) {
        const plan = await client.query({
          text: `EXPLAIN (GENERIC_PLAN, COSTS off) ${statement}`,
          rowMode: 'array',
        });
        const scans = plan.rows
          .flat()
          .map(String)
          .filter((line) => line.includes('Seq Scan') && !line.includes('activity_horizon'));
        expect({ name, scans }).toEqual({ name, scans: [] });
      }
    } finally {
      client.release();
    }
  });
});

async function schemaText(): Promise<string> {
  return readFile(new URL('../prisma/schema.prisma', import.meta.url), 'utf8');
}

/** SQL from the migrated database to the schema: what a new migration would have to say. */
async function difference(content: string): Promise<string> {
  const pool = new Pool({ connectionString: db.url, max: 1 });
  const files = [{ path: 'schema.prisma', content }];
  try {
    const engine = await SchemaEngine.new(
      { datamodels: [['schema.prisma', content]] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(readingSingleCharacters(pool)),
    );
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      // Prisma has no type for their xid8 keys.
      filters: {
        externalTables: ['public.activity', 'public.activity_horizon'],
        externalEnums: [],
      },
    });
    return stdout ?? '';
  } finally {
    await pool.end();
  }
}

/** The engine reads columns of PostgreSQL's type "char" that Prisma's adapter refuses. */
function readingSingleCharacters(pool: Pool): PrismaPg {
  const singleCharacterType = 18;
  const textType = 25;
  const send = pool.query.bind(pool);
  Object.assign(pool, {
    query: async (config: QueryConfig) => {
      const result = await send(config);
      for (const field of result.fields) {
        if (field.dataTypeID === singleCharacterType) field.dataTypeID = textType;
      }
      return result;
    },
  });
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (sent) => {
      const result = await queryRaw(sent);
      const columnTypes = result.columnTypes.map((type, index) =>
        /^(?:conf(?:del|upd)type|constraint_type)$/.test(result.columnNames[index] ?? '')
          ? ColumnTypeEnum.Character
          : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  };
  return factory;
}
