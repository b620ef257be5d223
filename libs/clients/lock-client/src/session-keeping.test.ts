/** How a session is opened, kept, resumed and lost. */
import { LockCode } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { ScriptedWorld, ttlMs, watched } from './testing/scripted.ts';

/** TTL minus 1 % + 50 ms. */
const deadlineMs = ttlMs - 150;
/** Holders are told a twentieth of the TTL before that. */
const noticeMs = deadlineMs - ttlMs / 20;

async function holding(world: ScriptedWorld, options = {}) {
  const client = await world.opened(options);
  const asked = client.acquire('invoice-42');
  await world.turn();
  world.stream.grant(3, 50);
  return { client, lock: await asked };
}

describe('opening', () => {
  it('opens nothing until something is asked for, and closes without a trace', async () => {
    const world = new ScriptedWorld();
    const client = world.client();
    await world.pass(60_000);
    expect(world.streams).toHaveLength(0);
    await client.close();
    expect(world.timers.size).toBe(0);
  });

  it('sends no operation before the session is known: a lost welcome leaves no lock behind', async () => {
    const world = new ScriptedWorld();
    const client = world.client({ ttlMs, clientName: 'worker' });
    const asked = watched(client.acquire('a'));
    await world.turn();
    expect(world.stream.frames).toEqual([
      {
        hello: { sessionId: 0, ttlMs, clientName: 'worker' },
        operations: [],
        acknowledgedSequence: 0,
        frame: 1,
      },
    ]);
    world.stream.end();
    await world.pass(50);
    expect(world.stream.frames).toMatchObject([{ hello: { sessionId: 0 }, operations: [] }]);
    world.stream.welcome();
    expect(world.stream.lastFrame.operations).toMatchObject([{ sequence: 1, key: 'a' }]);
    world.stream.grant(1, 9);
    await world.turn();
    expect(asked.state()).toBe('resolved');
  });

  it('fails what waits where the node refuses the session itself, and tries anew when asked', async () => {
    const world = new ScriptedWorld();
    const client = world.client();
    const asked = watched(client.acquire('a'));
    await world.turn();
    world.stream.end({ code: 'Invalid', message: 'ttl_ms: 1 is not within 1000 to 300000' });
    await world.pass(60_000);
    expect(asked.error()).toMatchObject({ name: 'LockError', code: 'Invalid' });
    expect(world.streams).toHaveLength(1);
    void watched(client.acquire('a'));
    await world.turn();
    expect(world.streams).toHaveLength(2);
  });
});

describe('deadline', () => {
  it('counts from when the acknowledged frame was sent, not from when the answer came', async () => {
    const world = new ScriptedWorld();
    const { lock } = await holding(world);
    const sentMs = world.nowMs;
    world.freeze(400);
    world.stream.renew();
    expect(lock.remainingMs).toBe(sentMs + noticeMs - world.nowMs);
  });

  it('is not moved by grants, revocations or answers', async () => {
    const world = new ScriptedWorld();
    const { client, lock } = await holding(world);
    world.stream.renew();
    const endMs = world.nowMs + lock.remainingMs;
    world.freeze(300);
    const more = client.acquire('more');
    await world.turn();
    world.stream.grant(4, 51);
    await more;
    world.stream.reply({ revocations: [{ key: 'x', token: 1, code: LockCode.ForceReleased }] });
    expect(world.nowMs + lock.remainingMs).toBe(endMs);
  });

  it('counts frames that are acknowledged out of many by the newest of them only', async () => {
    const world = new ScriptedWorld();
    const { client, lock } = await holding(world);
    const frames: number[] = [];
    const sentMs: number[] = [];
    for (const key of ['p', 'q', 'r']) {
      world.freeze(100);
      void watched(client.acquire(key));
      await world.turn();
      frames.push(world.stream.lastFrame.frame);
      sentMs.push(world.nowMs);
    }
    world.stream.reply({ renewedFrame: frames[1] ?? 0 });
    expect(lock.remainingMs).toBe((sentMs[1] ?? 0) + noticeMs - world.nowMs);
    world.stream.reply({ renewedFrame: frames[0] ?? 0 });
    expect(lock.remainingMs).toBe((sentMs[1] ?? 0) + noticeMs - world.nowMs);
  });

  it('aborts the signal before it passes, whatever the node says meanwhile', async () => {
    const world = new ScriptedWorld();
    const { client, lock } = await holding(world);
    world.stream.renew();
    const renewedMs = world.nowMs;
    let abortedMs = 0;
    lock.signal.addEventListener('abort', () => {
      abortedMs = world.nowMs;
    });
    for (let step = 0; step < 12 && !lock.signal.aborted; step += 1) {
      await world.pass(1_000);
      // It talks, but it renews nothing.
      if (!lock.signal.aborted && !world.stream.isCancelled) world.stream.answer({ sequence: 999 });
    }
    expect(lock.signal.reason).toMatchObject({ code: 'SessionExpired' });
    expect(abortedMs).toBeGreaterThanOrEqual(renewedMs + noticeMs);
    expect(abortedMs).toBeLessThan(renewedMs + deadlineMs);
    expect(lock.remainingMs).toBe(0);
    expect(await lock.release()).toEqual({ lost: true });
    await client.close();
  });

  it('is looked at after a pause before any answer is believed', async () => {
    const world = new ScriptedWorld();
    const { client, lock } = await holding(world);
    const queued = watched(client.acquire('other', { waitMs: 60_000 }));
    await world.turn();
    world.stream.renew();
    // Read before the timers get their turn: the grant lay in the socket while the process slept.
    world.freeze(ttlMs + 1);
    expect(lock.remainingMs).toBe(0);
    world.stream.grant(4, 51);
    expect(lock.signal.aborted).toBe(true);
    await world.turn();
    expect(queued.state()).toBe('pending');
    await world.pass(100);
    expect(world.stream.frames[0]).toMatchObject({ hello: { sessionId: 0 } });
  });

  it('holds after a pause where a renewal lay in the socket that was sent late enough', async () => {
    const world = new ScriptedWorld();
    const { lock } = await holding(world);
    world.stream.renew();
    await world.pass(5_000);
    world.freeze(5_000);
    world.stream.renew();
    expect(lock.signal.aborted).toBe(false);
  });
});

describe('renewal', () => {
  it('is sent at least every fifth of the TTL, and only when nothing else was', async () => {
    const world = new ScriptedWorld();
    const { client } = await holding(world);
    world.stream.renew();
    const before = world.stream.frames.length;
    const beginMs = world.nowMs;
    for (let step = 0; step < 300; step += 1) {
      await world.pass(100);
      world.stream.renew();
    }
    const renewals = world.stream.frames.length - before;
    expect(renewals).toBeGreaterThanOrEqual(8);
    expect(renewals).toBeLessThanOrEqual(Math.ceil((world.nowMs - beginMs) / (ttlMs / 5)) + 1);
    expect(world.streams).toHaveLength(1);
    await Promise.all([client.close(), world.pass(2_000)]);
    expect(world.timers.size).toBe(0);
  });
});

describe('the next node', () => {
  it('is the one that a redirect names, at once, and the session goes on there', async () => {
    const world = new ScriptedWorld();
    const { lock } = await holding(world);
    world.stream.renew();
    world.stream.reply({ redirect: 'leader:9' });
    expect(world.stream.address).toBe('leader:9');
    expect(world.stream.frames).toMatchObject([{ hello: { sessionId: 7 } }]);
    world.stream.welcome();
    expect(lock.signal.aborted).toBe(false);
    expect(lock.remainingMs).toBe(noticeMs);
  });

  it('is the next address after a break, within 20 ms', async () => {
    const world = new ScriptedWorld();
    await holding(world);
    const first = world.stream.address;
    world.stream.end();
    await world.pass(20);
    expect(world.streams).toHaveLength(2);
    expect(world.stream.address).not.toBe(first);
  });

  it('is tried with growing pauses of at most 500 ms while none answers', async () => {
    const world = new ScriptedWorld();
    const client = world.client({ addresses: ['a:1'] });
    void watched(client.acquire('a', { waitMs: 60_000 }));
    await world.turn();
    const pauses: number[] = [];
    for (let tries = 1; tries < 12; tries += 1) {
      const brokeMs = world.nowMs;
      world.stream.end();
      while (world.streams.length === tries) await world.pass(5);
      pauses.push(world.nowMs - brokeMs);
    }
    expect(pauses[0]).toBeLessThanOrEqual(20);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(500);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(250);
  });

  it('is asked when this one falls silent, and the silent one is not believed to lead', async () => {
    const world = new ScriptedWorld();
    const { client } = await holding(world);
    const silent = world.stream.address;
    void watched(client.acquire('more'));
    await world.pass(900);
    expect(world.streams).toHaveLength(2);
    expect(world.stream.address).not.toBe(silent);
    world.stream.reply({ redirect: silent });
    await world.pass(100);
    expect(world.streams.length).toBeGreaterThan(2);
    expect(world.stream.address).not.toBe(silent);
  });

  it('is looked for later each time while none opens a session: they may be busy', async () => {
    const world = new ScriptedWorld();
    const client = world.client({ addresses: ['a:1'] });
    void watched(client.acquire('a', { waitMs: 60_000 }));
    const triesAtMs: number[] = [];
    while (triesAtMs.length < 5) {
      await world.pass(5);
      if (world.streams.length > triesAtMs.length) triesAtMs.push(world.nowMs);
    }
    const pauses = triesAtMs.slice(1).map((atMs, place) => atMs - (triesAtMs[place] ?? 0));
    for (const [place, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(800 * 2 ** place);
    }
  });

  it('is not looked for when this process was paused and the answer is only late', async () => {
    const world = new ScriptedWorld();
    const { client } = await holding(world);
    void watched(client.acquire('more'));
    await world.turn();
    world.freeze(3_000);
    await world.pass(10);
    world.stream.renew();
    expect(world.streams).toHaveLength(1);
  });
});

describe('a session that has expired', () => {
  it('loses its locks, and what waits goes on in a new one within its wait', async () => {
    const world = new ScriptedWorld();
    const { client, lock } = await holding(world);
    const waiting = watched(client.acquire('busy', { waitMs: 5_000 }));
    await world.turn();
    world.stream.answer({ sequence: 4, code: LockCode.Queued, position: 1 });
    await world.pass(1_000);
    const address = world.stream.address;
    world.stream.end({ code: 'SessionExpired', message: 'the session has expired' });
    expect(lock.signal.reason).toMatchObject({ code: 'SessionExpired' });
    // The node that said so leads.
    expect(world.stream.address).toBe(address);
    expect(world.stream.lastFrame.hello).toMatchObject({ sessionId: 0 });
    world.stream.welcome(8);
    expect(world.stream.lastFrame.operations).toMatchObject([
      { sequence: 1, key: 'busy', waitMs: 4_000 },
    ]);
    world.stream.grant(1, 60);
    await world.turn();
    expect(waiting.state()).toBe('resolved');
  });

  it('fails what waits where that was wished', async () => {
    const world = new ScriptedWorld();
    const { client } = await holding(world, { retryAcquires: false });
    const waiting = watched(client.acquire('busy'));
    await world.turn();
    world.stream.end({ code: 'SessionExpired', message: 'gone' });
    await world.turn();
    expect(waiting.error()).toMatchObject({ code: 'SessionExpired' });
  });

  it('answers releases under way with lost, and opens none anew for nothing', async () => {
    const world = new ScriptedWorld();
    const { lock } = await holding(world);
    const released = lock.release();
    await world.turn();
    world.stream.end({ code: 'SessionExpired', message: 'gone' });
    expect(await released).toEqual({ lost: true });
    await world.pass(60_000);
    expect(world.streams).toHaveLength(1);
    expect(world.timers.size).toBe(0);
  });
});

describe('closing', () => {
  it('ends waits and locks, sends releases before the Close, and leaves no timer', async () => {
    const world = new ScriptedWorld();
    const { client, lock } = await holding(world);
    const waiting = watched(client.acquire('busy'));
    await world.turn();
    const held = client.acquire('second');
    await world.turn();
    world.stream.grant(5, 51);
    const released = (await held).release();
    const closed = client.close();
    expect(lock.signal.reason).toMatchObject({ code: 'Closed' });
    expect(world.stream.lastFrame.operations.map(({ kind }) => kind)).toEqual([3, 6]);
    await world.turn();
    expect(waiting.error()).toMatchObject({ code: 'Closed' });
    world.stream.answer({ sequence: 6 }, { sequence: 7 });
    await closed;
    expect(await released).toEqual({ lost: false });
    expect(world.timers.size).toBe(0);
    expect(world.stream.isCancelled).toBe(true);
    await expect(client.acquire('late')).rejects.toMatchObject({ code: 'Closed' });
  });

  it('ends after a second where no node answers', async () => {
    const world = new ScriptedWorld();
    const { client, lock } = await holding(world);
    const released = watched(lock.release());
    const closed = watched(client.close());
    await world.pass(1_010);
    expect(closed.state()).toBe('resolved');
    expect(released.state()).toBe('resolved');
    expect(world.timers.size).toBe(0);
  });
});
