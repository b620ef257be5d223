/** Tasks of one process that share a client, and the guard of a resource. */
import { LockCode, LockMode } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { createFencingGuard } from './fencing-guard.ts';
import { ScriptedWorld, watched } from './testing/scripted.ts';

describe('tasks of one client', () => {
  it('wait for one another: the next is asked for when the release is answered', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = client.acquire('a');
    const next = watched(client.acquire('a', { waitMs: 5_000 }));
    await world.turn();
    expect(world.stream.lastFrame.operations).toHaveLength(1);
    world.stream.grant(3, 10);
    const lock = await asked;
    await world.pass(1_000);
    const released = lock.release();
    await world.turn();
    expect(world.stream.lastFrame.operations).toHaveLength(1);
    world.stream.answer({ sequence: 4 });
    await released;
    await world.turn();
    expect(world.stream.lastFrame.operations).toMatchObject([
      { sequence: 5, key: 'a', waitMs: 4_000 },
    ]);
    world.stream.grant(5, 11);
    await world.turn();
    expect(next.state()).toBe('resolved');
  });

  it('hold it once more where they say so, with the same token', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = client.acquire('a');
    await world.turn();
    world.stream.grant(3, 10);
    const outer = await asked;
    const again = client.acquire('a', { reentrant: true });
    await world.turn();
    world.stream.grant(4, 10, { holdCount: 2 });
    const inner = await again;
    expect([outer.token, inner.token, inner.holdCount]).toEqual([10, 10, 2]);
    const waiting = watched(client.acquire('a'));
    const released = outer.release();
    await world.turn();
    world.stream.answer({ sequence: 5, holdCount: 1 });
    await released;
    await world.turn();
    expect(waiting.state()).toBe('pending');
    expect(world.stream.lastFrame.operations).toHaveLength(1);
  });

  it('read together, and a reader does not overtake a writer', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const readers = Promise.all([
      client.acquire('a', { mode: 'shared' }),
      client.acquire('a', { mode: 'shared' }),
    ]);
    const writer = watched(client.acquire('a'));
    const late = watched(client.acquire('a', { mode: 'shared' }));
    await world.turn();
    const { operations } = world.stream.lastFrame;
    expect(operations.map(({ mode }) => mode)).toEqual([LockMode.Shared, LockMode.Shared]);
    world.stream.grant(3, 10);
    world.stream.grant(4, 10, { holdCount: 2 });
    for (const reader of await readers) void reader.release();
    await world.turn();
    world.stream.answer({ sequence: 5 }, { sequence: 6 });
    await world.turn();
    expect(world.stream.lastFrame.operations).toMatchObject([{ mode: LockMode.Exclusive }]);
    expect([writer.state(), late.state()]).toEqual(['pending', 'pending']);
  });

  it('are told at once by a try that another of them holds it', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    void watched(client.acquire('a'));
    expect(await client.tryAcquire('a')).toBeNull();
  });

  it('leave the local queue when they are aborted, and the others move up', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const first = client.acquire('a');
    const abort = new AbortController();
    const second = watched(client.acquire('a', { signal: abort.signal }));
    const third = watched(client.acquire('a'));
    await world.turn();
    abort.abort();
    world.stream.grant(3, 10);
    void (await first).release();
    await world.turn();
    world.stream.answer({ sequence: 4 });
    await world.turn();
    world.stream.grant(5, 11);
    await world.turn();
    expect([second.state(), third.state()]).toEqual(['rejected', 'resolved']);
  });

  it('are let in once for each that leaves: an aborted one leaves once, whatever is answered', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const abort = new AbortController();
    const aborted = watched(client.acquire('a', { signal: abort.signal }));
    await world.turn();
    abort.abort();
    const next = watched(client.acquire('a'));
    const last = watched(client.acquire('a'));
    await world.turn();
    world.stream.answer({ sequence: 3, code: LockCode.Cancelled }, { sequence: 4 });
    await world.turn();
    expect(world.stream.lastFrame.operations).toMatchObject([{ sequence: 4 }, { sequence: 5 }]);
    world.stream.grant(5, 11);
    await world.turn();
    expect([aborted.state(), next.state(), last.state()]).toEqual([
      'rejected',
      'resolved',
      'pending',
    ]);
  });

  it('go on when the session with the lock is lost', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const first = client.acquire('a');
    const second = watched(client.acquire('a'));
    await world.turn();
    world.stream.grant(3, 10);
    await first;
    world.stream.end({ code: 'SessionExpired', message: 'gone' });
    await world.turn();
    world.stream.welcome(8);
    expect(world.stream.lastFrame.operations).toMatchObject([{ sequence: 1, key: 'a' }]);
    world.stream.grant(1, 11);
    await world.turn();
    expect(second.state()).toBe('resolved');
  });

  it('take permits of a semaphore side by side', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const pool = client.semaphore('pool', 3);
    void watched(pool.acquire({ permits: 2 }));
    void watched(pool.acquire());
    await world.turn();
    expect(world.stream.lastFrame.operations).toMatchObject([
      { mode: LockMode.Semaphore, permits: 2, limit: 3 },
      { mode: LockMode.Semaphore, permits: 1, limit: 3 },
    ]);
  });
});

describe('a fencing guard', () => {
  const writer = (token: number) => ({ token, lastExclusiveToken: token });
  const reader = (token: number, lastExclusiveToken: number) => ({ token, lastExclusiveToken });

  it('refuses whoever held the lock before the newest writer', () => {
    const guard = createFencingGuard();
    expect(guard.check(writer(10))).toEqual({ ok: true });
    expect(guard.check(writer(12))).toEqual({ ok: true });
    expect(guard.check(writer(10))).toEqual({ ok: false, highestExclusiveToken: 12 });
    expect(guard.check(reader(11, 10))).toEqual({ ok: false, highestExclusiveToken: 12 });
  });

  it('learns of a writer also from a reader that came after it', () => {
    const guard = createFencingGuard(5);
    expect(guard.check(reader(9, 8))).toEqual({ ok: true });
    expect(guard.check(writer(7))).toEqual({ ok: false, highestExclusiveToken: 8 });
    expect(guard.highestExclusiveToken).toBe(8);
  });

  it('lets readers pass in any order', () => {
    const guard = createFencingGuard();
    expect(guard.check(reader(12, 10))).toEqual({ ok: true });
    expect(guard.check(reader(11, 10))).toEqual({ ok: true });
  });
});
