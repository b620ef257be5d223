import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, openTestStore, type TestStore } from '../testing/test-store.ts';
import type { OutboxRow } from './contract.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

const acceptMany = (prefix: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => accept(db.store, `${prefix}-${index}`)));

const idsOf = (rows: readonly OutboxRow[]) => rows.map(({ id }) => id);

async function drain(): Promise<void> {
  await db.store.relayOutbox(1_000, async (rows) => idsOf(rows));
}

describe('relayOutbox', () => {
  it('hands over the oldest rows and marks those that were sent', async () => {
    expect(await db.store.outboxLag()).toEqual({ oldestMs: 0, unsent: 0 });
    const first = await accept(db.store, 'first');
    const second = await accept(db.store, 'second');
    expect(await db.store.outboxLag()).toMatchObject({ unsent: 2 });
    const published: OutboxRow[] = [];
    const result = await db.store.relayOutbox(10, async (rows) => {
      published.push(...rows);
      return idsOf(rows).slice(0, 1);
    });
    expect(result).toEqual({ locked: 2, sent: 1 });
    expect(published).toMatchObject([
      { identifier: 'first', request: first.id, revision: 1, createdAt: first.createdAt },
      { identifier: 'second', request: second.id, revision: 1 },
    ]);
    const rest = await db.store.relayOutbox(10, async (rows) => idsOf(rows));
    expect(rest).toEqual({ locked: 1, sent: 1 });
    const empty = await db.store.relayOutbox(10, () => Promise.reject(new Error('not called')));
    expect(empty).toEqual({ locked: 0, sent: 0 });
  });

  it('keeps everything unsent when publishing fails, and passes the error on', async () => {
    await acceptMany('failing', 3);
    const broken = new Error('no stream');
    await expect(db.store.relayOutbox(10, () => Promise.reject(broken))).rejects.toBe(broken);
    expect(await db.store.outboxLag()).toMatchObject({ unsent: 3 });
    await drain();
  });

  it('survives the loss of its connection while it publishes', async () => {
    await acceptMany('cut', 3);
    const relaying = db.store.relayOutbox(10, async (rows) => {
      const ended = await db.rows(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
      expect(ended).toHaveLength(1);
      // The client hears of it a moment later, while it has nothing to do.
      await delay(50);
      return idsOf(rows);
    });
    await expect(relaying).rejects.toMatchObject({ code: 'unavailable' });
    expect(await db.store.outboxLag()).toMatchObject({ unsent: 3 });
    await drain();
  });

  it('never marks a row that it did not hold', async () => {
    await acceptMany('held', 2);
    const [other] = await db.rows<{ readonly id: string }>(
      `SELECT id FROM outbox WHERE sent_at IS NULL ORDER BY id DESC LIMIT 1`,
    );
    const result = await db.store.relayOutbox(1, async () => [other?.id ?? '', 'nonsense']);
    expect(result).toEqual({ locked: 1, sent: 0 });
    await drain();
  });

  it('sends every row once while four relays run', async () => {
    await acceptMany('relayed', 300);
    const stores = [db.store, await db.another(), await db.another(), await db.another()];
    const published: string[] = [];
    const relay = async (store: (typeof stores)[number]) => {
      for (;;) {
        const { locked } = await store.relayOutbox(16, async (rows) => {
          // The others look for rows while this one holds its own.
          await delay(2);
          published.push(...idsOf(rows));
          return idsOf(rows);
        });
        if (locked === 0) return;
      }
    };
    await Promise.all(stores.map(relay));
    expect(published).toHaveLength(300);
    expect(new Set(published).size).toBe(300);
  });

  it('prunes what was sent long enough ago, and nothing unsent', async () => {
    await drain();
    await acceptMany('unsent', 2);
    await db.rows(`UPDATE outbox SET sent_at = now() - interval '2 h' WHERE sent_at IS NOT NULL`);
    await db.rows(`UPDATE outbox SET created_at = now() - interval '9 h' WHERE sent_at IS NULL`);
    const before = await db.rows('SELECT 1 FROM outbox');
    const deleted = await db.store.prune({ outboxMs: 3_600_000, activityMs: 3_600_000 });
    expect(deleted).toBe(before.length - 2);
    const lag = await db.store.outboxLag();
    expect(lag.unsent).toBe(2);
    expect(lag.oldestMs).toBeGreaterThanOrEqual(9 * 3_600_000);
  });
});
