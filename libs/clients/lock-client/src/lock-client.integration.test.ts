/** The client against real nodes, which are killed, stopped and paused under it. */
import { eventually, type LockmgrCluster, startLockmgr, temporaryFolder } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLockClient, type LockClient } from './client.ts';
import type { LockClientOptions } from './options.ts';
import type { WatchItem } from './reads.ts';

const clients: LockClient[] = [];

function clientOf(cluster: LockmgrCluster, options: Partial<LockClientOptions> = {}): LockClient {
  const client = createLockClient({ addresses: cluster.addresses, ...options });
  clients.push(client);
  return client;
}

async function closeClients(): Promise<void> {
  await Promise.all(clients.splice(0).map((client) => client.close()));
}

describe('one node', () => {
  const folder = temporaryFolder();
  let cluster: LockmgrCluster;

  beforeAll(async () => {
    cluster = await startLockmgr({ nodes: 1, dataDir: folder.path });
  });

  afterAll(async () => {
    await closeClients();
    await cluster.stop();
    folder.remove();
  });

  it('hands a lock from one client to the next, with a higher token', async () => {
    const [first, second] = [clientOf(cluster, { clientName: 'first' }), clientOf(cluster)];
    const held = await first.acquire('handover', { metadata: 'by first' });
    expect(await second.tryAcquire('handover')).toBeNull();
    const waiting = second.acquire('handover');
    await eventually(async () => {
      const { lock } = await first.get('handover');
      expect(lock.waiterCount).toBe(1);
      expect(lock.holders).toMatchObject([{ token: held.token, clientName: 'first' }]);
      expect(Buffer.from(lock.holders[0]?.metadata ?? []).toString()).toBe('by first');
    });
    expect(await held.release()).toEqual({ lost: false });
    await using next = await waiting;
    expect(next.token).toBeGreaterThan(held.token);
    expect(await first.validate('handover', held.token)).toMatchObject({ valid: false });
    expect(await first.validate('handover', next.token)).toMatchObject({ valid: true });
  });

  it('ends waits: after their time, and when they are aborted', async () => {
    const [first, second] = [clientOf(cluster), clientOf(cluster)];
    await using _held = await first.acquire('waits');
    await expect(second.acquire('waits', { waitMs: 100 })).rejects.toMatchObject({
      code: 'WaitTimeout',
    });
    const signal = AbortSignal.timeout(100);
    await expect(second.acquire('waits', { signal })).rejects.toMatchObject({ code: 'Cancelled' });
    await eventually(async () => {
      expect((await second.get('waits')).lock.waiterCount).toBe(0);
    });
  });

  it('shares locks among readers, and counts re-entrant holds', async () => {
    const [first, second] = [clientOf(cluster), clientOf(cluster)];
    const readers = [
      await first.acquire('shared', { mode: 'shared' }),
      await second.acquire('shared', { mode: 'shared' }),
    ];
    expect(await second.tryAcquire('shared')).toBeNull();
    await Promise.all(readers.map((reader) => reader.release()));
    const outer = await first.acquire('shared');
    const inner = await first.acquire('shared', { reentrant: true });
    expect([inner.token, inner.holdCount]).toEqual([outer.token, 2]);
    await outer.release();
    expect(await second.tryAcquire('shared')).toBeNull();
    await inner.release();
    await using _free = await second.acquire('shared');
  });

  it('gives as many permits as a semaphore has, also to tasks of one client', async () => {
    const [first, second] = [clientOf(cluster), clientOf(cluster)];
    const held = [
      await first.semaphore('pool', 3).acquire(),
      await first.semaphore('pool', 3).acquire(),
    ];
    expect(await second.semaphore('pool', 3).tryAcquire({ permits: 2 })).toBeNull();
    held.push(await second.semaphore('pool', 3).acquire());
    expect(await first.semaphore('pool', 3).tryAcquire()).toBeNull();
    await expect(second.semaphore('pool', 4).acquire()).rejects.toMatchObject({
      code: 'LimitMismatch',
    });
    await Promise.all(held.map((permit) => permit.release()));
  });

  it('lets tasks of one client exclude one another', async () => {
    const client = clientOf(cluster);
    let inside = 0;
    let most = 0;
    const tokens: number[] = [];
    const task = () =>
      client.withLock('tasks', async ({ token }) => {
        inside += 1;
        most = Math.max(most, inside);
        tokens.push(token);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 20 }, task));
    expect(most).toBe(1);
    expect(tokens).toEqual(tokens.toSorted((left, right) => left - right));
    expect(new Set(tokens).size).toBe(20);
  });

  it('elects one leader after the other, and observers see value and changes', async () => {
    const [first, second] = [clientOf(cluster), clientOf(cluster)];
    const seen: string[] = [];
    const stop = new AbortController();
    const observing = (async () => {
      for await (const leader of second.observe('boss', { signal: stop.signal })) {
        seen.push(leader.term === 0 ? '-' : leader.text);
      }
    })();
    const leadership = await first.elect('boss', { value: 'one' });
    const candidacy = second.elect('boss', { value: 'two' });
    await eventually(() => expect(seen.at(-1)).toBe('one'));
    await leadership.proclaim('one:ready');
    await eventually(() => expect(seen.at(-1)).toBe('one:ready'));
    await leadership.resign();
    const next = await candidacy;
    expect(next.term).toBeGreaterThan(leadership.term);
    await eventually(() => expect(seen.at(-1)).toBe('two'));
    await next.resign();
    await eventually(() => expect(seen.at(-1)).toBe('-'));
    stop.abort();
    await observing;
  });

  it('tells the holder when an operator takes the lock away', async () => {
    const [holder, operator] = [clientOf(cluster), clientOf(cluster)];
    const lock = await holder.acquire('taken');
    const lost = new Promise((resolve) => {
      lock.signal.addEventListener('abort', () => resolve(lock.signal.reason));
    });
    expect(await operator.forceRelease('taken', { token: lock.token, reason: 'test' })).toBe(1);
    expect(await lost).toMatchObject({ code: 'ForceReleased' });
    expect(await lock.release()).toEqual({ lost: true });
  });

  it('lists page by page, and watches from an index on without losing an event', async () => {
    const client = clientOf(cluster);
    const { index } = await client.get('list/0');
    const locks = [];
    for (let place = 0; place < 5; place += 1) locks.push(await client.acquire(`list/${place}`));
    const pages = [];
    for await (const page of client.list({ prefix: 'list/', pageSize: 2 })) {
      pages.push(page.locks.map(({ key }) => key));
    }
    expect(pages).toEqual([['list/0', 'list/1'], ['list/2', 'list/3'], ['list/4']]);
    await Promise.all(locks.map((lock) => lock.release()));
    const events: string[] = [];
    for await (const item of client.watch({ prefix: 'list/', afterIndex: index })) {
      if (item.kind === 'events') events.push(...item.events.map(({ kind, key }) => kind + key));
      if (events.length >= 10) break;
    }
    expect(events.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((place) => `grantedlist/${place}`));
    expect(events.slice(5).toSorted()).toEqual(
      [0, 1, 2, 3, 4].map((place) => `releasedlist/${place}`),
    );
  });

  it('carries many clients in one process', async () => {
    const many = Array.from({ length: 64 }, () => clientOf(cluster));
    const locks = await Promise.all(many.map((client, index) => client.acquire(`many/${index}`)));
    expect(new Set(locks.map(({ token }) => token)).size).toBe(64);
    await closeClients();
    expect((await clientOf(cluster).get('many/0')).lock.holders).toEqual([]);
  });

  it('is told by the node what is wrong with its session', async () => {
    const client = clientOf(cluster, { ttlMs: 5 });
    await expect(client.acquire('a')).rejects.toMatchObject({ code: 'Invalid' });
  });
});

describe('three nodes', () => {
  const folder = temporaryFolder();
  let cluster: LockmgrCluster;

  beforeAll(async () => {
    cluster = await startLockmgr({ nodes: 3, dataDir: folder.path });
  });

  afterAll(async () => {
    await closeClients();
    await cluster.stop();
    folder.remove();
  });

  it('finds the leader where only followers are known', async () => {
    const leader = await cluster.leader();
    const addresses = cluster.addresses.filter((address) => address !== leader.address);
    const client = clientOf(cluster, { addresses });
    await using lock = await client.acquire('followers');
    expect((await client.get('followers')).lock.holders).toMatchObject([{ token: lock.token }]);
  });

  it('keeps its locks, its places and its watches when the leader is killed', async () => {
    const [client, other] = [clientOf(cluster), clientOf(cluster)];
    const items: WatchItem[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const item of other.watch({ prefix: 'kill/', signal: stop.signal })) {
        items.push(item);
      }
    })();
    const held = await client.acquire('kill/held');
    const queued = other.acquire('kill/held');
    await eventually(async () => {
      expect((await client.get('kill/held')).lock.waiterCount).toBe(1);
    });
    const leader = await cluster.leader();
    await leader.kill();
    const beganMs = performance.now();
    const next = await client.acquire('kill/next');
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    expect(held.signal.aborted).toBe(false);
    expect(await client.validate('kill/held', held.token)).toMatchObject({ valid: true });
    expect(await held.release()).toEqual({ lost: false });
    const taken = await queued;
    expect(taken.token).toBeGreaterThan(next.token);
    await Promise.all([next.release(), taken.release(), leader.start()]);
    await eventually(() => {
      const kinds = items.flatMap((item) =>
        item.kind === 'events' ? item.events.map(({ kind, key }) => `${kind} ${key}`) : ['gap'],
      );
      expect(kinds.slice(0, 4)).toEqual([
        'granted kill/held',
        'granted kill/next',
        'released kill/held',
        'granted kill/held',
      ]);
      expect(kinds.slice(4).toSorted()).toEqual(['released kill/held', 'released kill/next']);
    });
    stop.abort();
    await watching;
  });

  it('moves on when the leader is stopped, in the midst of work, and loses nothing', async () => {
    const client = clientOf(cluster);
    const tokens: number[] = [];
    const over = new AbortController();
    let longestMs = 0;
    const working = (async () => {
      while (!over.signal.aborted) {
        const beganMs = performance.now();
        await client.withLock('stop', async ({ token }) => void tokens.push(token));
        longestMs = Math.max(longestMs, performance.now() - beganMs);
      }
    })();
    await eventually(() => expect(tokens.length).toBeGreaterThan(20));
    const leader = await cluster.leader();
    await leader.stop();
    const before = tokens.length;
    await eventually(() => expect(tokens.length).toBeGreaterThan(before + 20));
    over.abort();
    await working;
    await leader.start();
    expect(longestMs).toBeLessThan(2_000);
    expect(tokens).toEqual(tokens.toSorted((left, right) => left - right));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('goes to another node when the leader freezes', async () => {
    const client = clientOf(cluster);
    const held = await client.acquire('freeze/held');
    const leader = await cluster.leader();
    await leader.pause();
    try {
      const beganMs = performance.now();
      await using lock = await client.acquire('freeze/next');
      expect(lock.token).toBeGreaterThan(held.token);
      expect(performance.now() - beganMs).toBeLessThan(4_000);
      expect(held.signal.aborted).toBe(false);
    } finally {
      await leader.resume();
    }
    expect(await held.release()).toEqual({ lost: false });
  });

  it('ends a session in time where no node answers, and goes on in a new one', async () => {
    const client = clientOf(cluster, { ttlMs: 1_000 });
    const lock = await client.acquire('silence');
    const beganMs = performance.now();
    const lost = new Promise<number>((resolve) => {
      lock.signal.addEventListener('abort', () => resolve(performance.now() - beganMs));
    });
    await Promise.all(cluster.nodes.map((node) => node.pause()));
    try {
      expect(await lost).toBeLessThan(1_000);
      expect(lock.signal.reason).toMatchObject({ code: 'SessionExpired' });
    } finally {
      await Promise.all(cluster.nodes.map((node) => node.resume()));
    }
    const again = await client.acquire('silence', { waitMs: 10_000 });
    expect(again.token).toBeGreaterThan(lock.token);
  });
});
