import { join } from 'node:path';
import { createLog, createMetrics } from '@windlass/telemetry';
import {
  eventually,
  type OwnServer,
  ownServer,
  type RunningPostgres,
  startPostgres,
  temporaryFolder,
  tlsOf,
  writeCertificates,
} from '@windlass/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectPostgres, type Postgres } from './connect.ts';
import type { PostgresTls } from './connection-options.ts';
import { createDeploymentStore, type DeploymentStore } from './index.ts';
import { migrate } from './migrate/index.ts';
import { accepting, claiming, connectForTest, quietLog, scaling } from './testing/test-store.ts';

describe('connectPostgres', () => {
  let server: OwnServer<RunningPostgres>;
  let postgres: Postgres;
  let store: DeploymentStore;
  beforeAll(async () => {
    // What was promised must outlive the kill: with the default, nothing is flushed.
    server = await ownServer(startPostgres, { durable: true });
    await migrate({ databaseUrl: server.current().url, log: quietLog });
    postgres = await connectForTest(server.current().url, 4);
    store = createDeploymentStore(postgres);
  });
  afterAll(async () => {
    await postgres.close();
    await server.drop();
  });

  it('keeps every promise when PostgreSQL is killed and restarted under load', async () => {
    const promised = new Set<string>();
    const stop = new AbortController();
    const failures: unknown[] = [];
    let count = 0;
    const client = async () => {
      while (!stop.signal.aborted) {
        const identifier = `kill-${(count += 1)}`;
        try {
          const outcome = await store.acceptRequest(accepting(identifier));
          if (outcome.kind === 'accepted') promised.add(identifier);
          await store.changeRequest(scaling(identifier, 2));
          const claimed = await store.claimRevision(claiming(identifier));
          if (claimed.kind !== 'claimed') continue;
          await store.endRevision({ claim: claimed.revision, outcome: { kind: 'success' } });
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    for (let round = 0; round < 3; round += 1) {
      const before = promised.size;
      await eventually(() => promised.size > before + 20);
      await server.current().process.kill();
      await server.restart();
    }
    const before = promised.size;
    await eventually(() => promised.size > before + 20);
    stop.abort();
    await clients;
    expect(failures.length).toBeGreaterThan(0);
    for (const error of failures) expect(error).toMatchObject({ code: 'unavailable' });
    const { rows } = await postgres.pool.query<{ readonly identifier: string }>(
      `SELECT x.identifier
         FROM identifiers x
         JOIN deployment_requests q ON q.id = x.request_id
         JOIN revisions r ON r.identifier = x.identifier AND r.revision = 1
         JOIN outbox o ON o.request_id = q.id AND o.revision = 1
         JOIN idempotency_keys k ON k.request_id = q.id
         JOIN audit_log a ON a.target = x.identifier AND a.revision = 1
         JOIN activity f ON f.request_id = q.id AND f.type = 'request.created'`,
    );
    const stored = rows.map(({ identifier }) => identifier);
    expect(new Set(stored).size).toBe(stored.length);
    expect([...promised].filter((identifier) => !stored.includes(identifier))).toEqual([]);
    const { pool } = postgres;
    expect({ used: pool.totalCount - pool.idleCount, waiting: pool.waitingCount }).toEqual({
      used: 0,
      waiting: 0,
    });
  });

  it('says unavailable while the server is away, within the deadline, and comes back', async () => {
    await server.current().stop();
    await expect(postgres.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(
      store.listRequests({ userId: null }, {}, { limit: 1, after: null }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.acceptRequest(accepting('away'))).rejects.toMatchObject({
      code: 'unavailable',
    });
    await server.restart();
    await postgres.ping();
    expect((await store.acceptRequest(accepting('away'))).kind).toBe('accepted');
  });

  it('gives up on a server that holds its connections and answers nothing', async () => {
    await postgres.ping();
    await server.current().process.pause();
    try {
      // The signal takes a moment to arrive.
      await eventually(async () => {
        await expect(postgres.ping()).rejects.toMatchObject({ code: 'deadline' });
      });
      await expect(store.acceptRequest(accepting('hung'))).rejects.toMatchObject({
        code: 'unavailable',
      });
    } finally {
      await server.current().process.resume();
    }
    await eventually(() => postgres.ping());
    const again = await store.acceptRequest(accepting('hung'));
    expect(['accepted', 'replayed', 'identifier-taken']).toContain(again.kind);
  });

  it('names itself and its state in metrics and sessions', async () => {
    await Promise.all([postgres.ping(), postgres.ping()]);
    const text = await postgres.metrics.text();
    expect(text).toMatch(/windlass_postgres_pool_connections\{[^}]*state="max"[^}]*\} 4/);
    expect(text).toMatch(/windlass_postgres_pool_connections\{[^}]*state="idle"[^}]*\} [1-4]/);
    expect(text).toMatch(/windlass_postgres_pool_waiting\{[^}]*\} 0/);
    expect(text).toMatch(/windlass_postgres_batch_items_count\{[^}]*operation="accept"/);
    const { rows } = await postgres.pool.query<Record<string, string>>(
      `SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS t`,
    );
    expect(rows).toEqual([{ name: 'windlass-test', t: '10s' }]);
  });

  it('closes twice, and refuses afterwards', async () => {
    const other = await connectForTest(server.current().url);
    await other.ping();
    await Promise.all([other.close(), other.close()]);
    await expect(other.ping()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('TLS', () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder.path, 'certificates', name);
  const open: Postgres[] = [];
  let server: OwnServer<RunningPostgres>;
  beforeAll(async () => {
    const directory = join(folder.path, 'certificates');
    await writeCertificates(directory, {
      servers: ['postgres'],
      clients: { app: { user: 'windlass' } },
    });
    await writeCertificates(join(folder.path, 'other'), { servers: [], clients: {} });
    server = await ownServer(startPostgres, {
      tls: tlsOf(directory, 'postgres', { mutual: true }),
    });
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  afterAll(async () => {
    await server.drop();
    folder.remove();
  });

  const connect = async (tls: PostgresTls, host = '127.0.0.1', more = '') => {
    const url = `${server.current().url.replace('127.0.0.1', host)}${more}`;
    const log = createLog({
      app: 'test',
      level: 'error',
      format: 'json',
      destination: { write: () => undefined },
    });
    const connected = await connectPostgres({
      url,
      poolMax: 2,
      tls,
      log,
      metrics: createMetrics('test'),
    });
    open.push(connected);
    return connected;
  };
  const trusted: PostgresTls = { caFile: file('ca.crt'), certFile: null, keyFile: null };

  it('encrypts, and checks the server by its name or address', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const { pool } = await connect(trusted, host);
      const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      expect(rows).toEqual([{ ssl: true }]);
    }
  });

  it('shows a certificate of its own where it has one', async () => {
    const { pool } = await connect({
      ...trusted,
      certFile: file('app.crt'),
      keyFile: file('app.key'),
    });
    const { rows } = await pool.query<{ readonly name: string }>(
      'SELECT client_dn AS name FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    expect(rows[0]?.name).toContain('CN=windlass');
  });

  it('refuses a server of another authority, whatever the URL asks for', async () => {
    const foreign = { ...trusted, caFile: join(folder.path, 'other', 'ca.crt') };
    for (const more of ['', '?sslmode=no-verify', '?sslmode=disable']) {
      const connected = await connect(foreign, '127.0.0.1', more);
      await expect(connected.ping()).rejects.toThrow(/certificate|issuer/i);
    }
  });

  it('migrates over TLS too', async () => {
    const { url } = server.current();
    const { applied } = await migrate({ databaseUrl: url, tls: trusted, log: quietLog });
    expect(applied).not.toEqual([]);
  });
});
