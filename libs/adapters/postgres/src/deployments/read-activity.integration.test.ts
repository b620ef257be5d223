import { seededRandom } from '@windlass/base';
import { eventually } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accept,
  bob,
  everything,
  finish,
  openTestStore,
  type TestStore,
} from '../testing/test-store.ts';
import type { ActivityRecord } from './contract.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

const insert = `INSERT INTO activity (user_id, identifier, type, data)
                VALUES ('feed', $1, 'deployment.changed', '{}')`;

/** The newest id, once nothing that began before is still under way. */
async function now(): Promise<string> {
  return (await db.store.readActivity(everything, {}, null, 10)).lastId;
}

describe('readActivity', () => {
  it('starts from now, then gives what came after, oldest first', async () => {
    const start = await db.store.readActivity({ userId: 'alice' }, {}, null, 10);
    expect(start).toEqual({ items: [], lastId: expect.any(String), gap: false });
    const request = await accept(db.store, 'feed');
    await finish(db.store, 'feed');
    await accept(db.store, 'feed-bob', { actor: bob });
    const read = (limit: number, after: string, filter = {}) =>
      db.store.readActivity({ userId: 'alice' }, filter, after, limit);
    const all = await eventually(async () => {
      const feed = await read(10, start.lastId);
      expect(feed.items).toHaveLength(2);
      return feed;
    });
    expect(all).toMatchObject({
      gap: false,
      items: [
        {
          type: 'request.created',
          userId: 'alice',
          identifier: 'feed',
          request: request.id,
          data: { revision: 1, status: 'CREATED' },
        },
        { type: 'request.succeeded', data: { revision: 1, newest: true } },
      ],
    });
    const first = await read(1, start.lastId);
    expect(first.items).toEqual(all.items.slice(0, 1));
    expect((await read(10, first.lastId)).items).toEqual(all.items.slice(1));
    expect((await read(10, all.lastId)).items).toEqual([]);
    const filtered = await read(10, start.lastId, { request: request.id, identifier: 'feed' });
    expect(filtered.items).toEqual(all.items);
    for (const filter of [{ request: 'other' }, { identifier: 'feed-bob' }]) {
      expect((await read(10, start.lastId, filter)).items).toEqual([]);
    }
  });

  it('does not pass a transaction that began earlier and commits later', async () => {
    const start = await now();
    const slow = await db.postgres.pool.connect();
    await slow.query('BEGIN');
    await slow.query(insert, ['slow']);
    await db.rows(insert, ['fast']);
    const before = await db.store.readActivity({ userId: 'feed' }, {}, start, 10);
    expect(before.items).toEqual([]);
    await slow.query('COMMIT');
    slow.release();
    const after = await eventually(async () => {
      const feed = await db.store.readActivity({ userId: 'feed' }, {}, before.lastId, 10);
      expect(feed.items).toHaveLength(2);
      return feed;
    });
    expect(after.items.map(({ identifier }) => identifier)).toEqual(['slow', 'fast']);
  });

  it('gives every row once and in one order while eight writers commit at random', async () => {
    const start = await now();
    const writers = 8;
    const perWriter = 20;
    const random = seededRandom('feed');
    let done = false;
    const write = async (writer: number) => {
      const dice = random.child(`writer-${writer}`);
      for (let index = 0; index < perWriter; index += 1) {
        const client = await db.postgres.pool.connect();
        await client.query('BEGIN');
        await client.query(insert, [`writer-${writer}-${index}-a`]);
        for (let wait = dice.integer(0, 4); wait > 0; wait -= 1) await client.query('SELECT 1');
        await client.query(insert, [`writer-${writer}-${index}-b`]);
        await client.query('COMMIT');
        client.release();
      }
    };
    const writeAll = async () => {
      await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
      done = true;
    };
    const seen: ActivityRecord[] = [];
    const readAll = async () => {
      let after = start;
      const reader = await db.another();
      for (;;) {
        const last = done;
        const feed = await reader.readActivity({ userId: 'feed' }, {}, after, 7);
        expect(feed.gap).toBe(false);
        seen.push(...feed.items);
        after = feed.lastId;
        if (last && feed.items.length === 0 && seen.length >= writers * perWriter * 2) return;
      }
    };
    await Promise.all([readAll(), writeAll()]);
    const names = seen.map(({ identifier }) => identifier);
    expect(names).toHaveLength(writers * perWriter * 2);
    expect(new Set(names).size).toBe(names.length);
    const stored = await db.rows<{ readonly id: string }>(
      `SELECT txid || '-' || id AS id FROM activity a WHERE identifier LIKE 'writer-%'
        ORDER BY a.txid, a.id`,
    );
    expect(seen.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
  });

  it('reports a gap for ids that were pruned, and for ids of no feed of ours', async () => {
    const start = await now();
    for (const name of ['prune-1', 'prune-2', 'prune-3']) await db.rows(insert, [name]);
    const feed = await eventually(async () => {
      const read = await db.store.readActivity({ userId: 'feed' }, {}, start, 10);
      expect(read.items).toHaveLength(3);
      return read;
    });
    const [first, second] = feed.items;
    await db.rows(`UPDATE activity SET at = now() - interval '1 h' WHERE identifier <> 'prune-3'`);
    const deleted = await db.store.prune({ outboxMs: 3_600_000, activityMs: 60_000 });
    expect(deleted).toBeGreaterThanOrEqual(2);
    const after = (id: string | undefined) =>
      db.store.readActivity({ userId: 'feed' }, {}, id ?? '', 10);
    const kept = feed.items.slice(2);
    expect(await after(first?.id)).toMatchObject({ gap: true, items: kept });
    expect(await after(second?.id)).toMatchObject({ gap: false, items: kept });
    expect(await after(feed.lastId)).toMatchObject({ gap: false, items: [] });
    for (const id of ['', 'x', '1-2-3', `${'9'.repeat(30)}-1`, `${'9'.repeat(18)}-1`]) {
      const answer = await after(id);
      expect(answer).toMatchObject({ gap: true, items: [] });
      expect((await after(answer.lastId)).gap).toBe(false);
    }
  });
});
