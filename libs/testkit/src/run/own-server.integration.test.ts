import { setTimeout } from 'node:timers/promises';
import { connect } from 'nats';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { startNats } from '../servers/nats.ts';
import { startPostgres } from '../servers/postgres.ts';
import { ownServer } from './own-server.ts';
import { queryOnce } from './query.ts';

describe('ownServer', () => {
  it('keeps what PostgreSQL acknowledged over a crash and a restart on the same port', async () => {
    const own = await ownServer(startPostgres, { durable: true });
    const { url, port, process: server } = own.current();
    await queryOnce(url, 'CREATE TABLE kept (id int)');
    await queryOnce(url, 'INSERT INTO kept VALUES (7)');
    expect(await server.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(queryOnce(url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    const again = await own.restart();
    expect(again).toMatchObject({ url, port });
    expect(await queryOnce(url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await own.drop();
  });

  it('pauses every process of PostgreSQL, sessions that are open included', async () => {
    const own = await ownServer(startPostgres, {});
    const { url, process: server } = own.current();
    const client = new Client({ connectionString: url });
    await client.connect();
    await server.pause();
    const asked = client.query('SELECT 1 AS one');
    const first = await Promise.race([asked, setTimeout(500, 'no answer')]);
    expect(first).toBe('no answer');
    await server.resume();
    expect((await asked).rows).toEqual([{ one: 1 }]);
    await client.end();
    await own.drop();
  });

  it('keeps what NATS acknowledged over a crash', async () => {
    const own = await ownServer(startNats, {});
    const connection = await connect({ servers: own.current().url, waitOnFirstConnect: true });
    const manager = await connection.jetstreamManager();
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
    await connection.jetstream().publish('kept', 'one');
    await own.current().process.kill();
    await own.restart();
    await eventually(async () => {
      expect((await manager.streams.info('KEPT')).state.messages).toBe(1);
    });
    await connection.close();
    await own.drop();
  });
});
