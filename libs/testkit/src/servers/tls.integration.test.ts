import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'nats';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../run/folder.ts';
import { ownServer } from '../run/own-server.ts';
import { tlsOf, writeCertificates } from './certificates.ts';
import { startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';

let folder: TemporaryFolder;
let dir: string;

beforeAll(async () => {
  folder = temporaryFolder();
  dir = join(folder.path, 'certificates');
  await writeCertificates(dir, { servers: ['server'], clients: { app: { user: 'app' } } });
});

afterAll(() => folder.remove());

const pem = (name: string) => readFileSync(join(dir, name), 'utf8');

describe('mutual TLS', () => {
  it('is asked for by NATS', async () => {
    const own = await ownServer(startNats, { tls: tlsOf(dir, 'server', { mutual: true }) });
    const { url } = own.current();
    const tls = { caFile: join(dir, 'ca.crt') };
    await expect(connect({ servers: url, tls, reconnect: false })).rejects.toThrow(/certificate/);
    const mutual = { ...tls, certFile: join(dir, 'app.crt'), keyFile: join(dir, 'app.key') };
    const connection = await connect({ servers: url, tls: mutual });
    await connection.flush();
    await connection.close();
    await own.drop();
  });

  it('is spoken by PostgreSQL', async () => {
    const own = await ownServer(startPostgres, { tls: tlsOf(dir, 'server', { mutual: true }) });
    const client = new Client({
      connectionString: own.current().url,
      ssl: { ca: pem('ca.crt'), cert: pem('app.crt'), key: pem('app.key') },
    });
    await client.connect();
    const { rows } = await client.query(
      'SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    expect(rows).toEqual([{ ssl: true, client_dn: '/CN=app' }]);
    await client.end();
    await own.drop();
  });

  it('keeps its certificates while they are valid', async () => {
    const before = pem('server.crt');
    await writeCertificates(dir, { servers: ['server'], clients: {} });
    expect(pem('server.crt')).toBe(before);
  });
});
