/** What becomes of operations: once each, whatever is repeated, cancelled or refused. */
import { LockCode, OperationKind, waitForever } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { operationsMax, unacknowledgedMax } from './session/limits.ts';
import { ScriptedWorld, watched } from './testing/scripted.ts';

describe('frames', () => {
  it('hold everything that was asked for in one turn of the event loop', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const before = world.stream.frames.length;
    for (const key of ['a', 'b', 'c']) void watched(client.acquire(key));
    await Promise.resolve();
    void watched(client.acquire('d'));
    await world.turn();
    expect(world.stream.frames.length).toBe(before + 1);
    expect(world.stream.lastFrame.operations.map(({ sequence, key }) => [sequence, key])).toEqual([
      [3, 'a'],
      [4, 'b'],
      [5, 'c'],
      [6, 'd'],
    ]);
  });

  it('are split where they grow beyond what a node likes', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const before = world.stream.frames.length;
    const metadata = new Uint8Array(4_096);
    for (let index = 0; index < 300; index += 1) {
      void watched(client.acquire(`k${index}`, { metadata }));
    }
    await world.turn();
    const frames = world.stream.frames.slice(before);
    expect(frames.length).toBeGreaterThan(2);
    const sequences = frames.flatMap(({ operations }) => operations.map((each) => each.sequence));
    expect(sequences).toEqual(Array.from({ length: 300 }, (_, index) => index + 3));
  });

  it('acknowledge the answers up to the first that is missing; Queued is none', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    void watched(client.acquire('a'));
    void watched(client.acquire('b'));
    void watched(client.acquire('c'));
    await world.turn();
    world.stream.answer({ sequence: 4, code: LockCode.Queued, position: 2 });
    world.stream.grant(3, 10);
    world.stream.grant(5, 11);
    void watched(client.acquire('d'));
    await world.turn();
    expect(world.stream.lastFrame.acknowledgedSequence).toBe(3);
    world.stream.grant(4, 12);
    world.stream.grant(6, 13);
    void watched(client.acquire('e'));
    await world.turn();
    expect(world.stream.lastFrame.acknowledgedSequence).toBe(6);
  });

  it('acknowledge past an acquire that waits while very many others are answered', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const leading = watched(client.elect('leader'));
    await world.turn();
    expect(world.stream.lastFrame.operations[0]).toMatchObject({ waitMs: waitForever });
    world.stream.answer({ sequence: 3, code: LockCode.Queued, position: 1 });
    let sequence = 4;
    for (; sequence < unacknowledgedMax + 10; sequence += 1) {
      void watched(client.acquire(`k${sequence}`));
      await world.turn();
      world.stream.grant(sequence, sequence);
    }
    void watched(client.acquire('last'));
    await world.turn();
    expect(world.stream.lastFrame.acknowledgedSequence).toBe(sequence - 1);
    // It still waits, is still repeated, and if its place is gone it queues up anew.
    world.stream.end();
    await world.pass(20);
    expect(world.stream.frames[0]?.operations[0]).toMatchObject({ sequence: 3, key: 'leader' });
    world.stream.welcome();
    world.stream.answer({ sequence: 3, code: LockCode.SequenceForgotten });
    const again = world.stream.lastFrame.operations[0];
    expect(again).toMatchObject({ sequence: sequence + 1, key: 'leader' });
    world.stream.grant(sequence + 1, 5_000);
    await world.turn();
    expect(leading.state()).toBe('resolved');
  });
});

describe('repetition', () => {
  it('asks for everything without an answer again, with its sequence and what is left to wait', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const granted = client.acquire('granted');
    const queued = watched(client.acquire('queued', { waitMs: 9_000 }));
    const lost = watched(client.tryAcquire('lost'));
    await world.turn();
    world.stream.grant(3, 10);
    world.stream.answer({ sequence: 4, code: LockCode.Queued, position: 1 });
    const released = (await granted).release();
    await world.turn();
    await world.pass(500);
    world.stream.end();
    await world.pass(20);
    const [first] = world.stream.frames;
    expect(first?.hello).toMatchObject({ sessionId: 7 });
    expect(first?.operations).toMatchObject([
      { sequence: 4, key: 'queued', kind: OperationKind.Acquire, waitMs: 8_490 },
      { sequence: 5, key: 'lost', waitMs: 0 },
      { sequence: 6, key: 'granted', kind: OperationKind.Release, token: 10 },
    ]);
    world.stream.welcome();
    world.stream.grant(5, 11);
    world.stream.answer({ sequence: 6 });
    world.stream.grant(4, 12);
    await world.turn();
    expect([queued.state(), lost.state()]).toEqual(['resolved', 'resolved']);
    expect(await released).toEqual({ lost: false });
  });

  it('takes an answer once, however often it comes', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = client.acquire('a');
    await world.turn();
    world.stream.grant(3, 10);
    world.stream.grant(3, 11);
    const lock = await asked;
    expect(lock.token).toBe(10);
  });

  it('follows a refusal for want of room, with the same sequence, after a pause', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = watched(client.acquire('a'));
    await world.turn();
    const before = world.stream.frames.length;
    world.stream.answer({
      sequence: 3,
      code: LockCode.ResourceExhausted,
      message: 'inflightOperationsMax: too many operations are waiting for their entry',
    });
    await world.turn();
    expect(world.stream.frames.length).toBe(before);
    await world.pass(30);
    expect(world.stream.lastFrame.operations).toMatchObject([{ sequence: 3, key: 'a' }]);
    world.stream.grant(3, 10);
    await world.turn();
    expect(asked.state()).toBe('resolved');
  });

  it('does not follow a bound that is really reached', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = watched(client.acquire('a'));
    await world.turn();
    world.stream.answer({
      sequence: 3,
      code: LockCode.ResourceExhausted,
      message: 'waitersPerLockMax',
    });
    await world.turn();
    expect(asked.error()).toMatchObject({
      code: 'ResourceExhausted',
      message: 'a: waitersPerLockMax',
    });
  });
});

describe('the end of a wait', () => {
  it('is what the node says', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const late = watched(client.acquire('a'));
    const tried = client.tryAcquire('b');
    await world.turn();
    world.stream.answer({ sequence: 3, code: LockCode.WaitTimeout });
    world.stream.answer({ sequence: 4, code: LockCode.Held });
    expect(await tried).toBeNull();
    expect(late.error()).toMatchObject({ code: 'WaitTimeout' });
  });

  it('comes also where no node answers, soon after the wait is over', async () => {
    const world = new ScriptedWorld();
    const client = world.client();
    const asked = watched(client.acquire('a', { waitMs: 1_000 }));
    await world.pass(1_000);
    expect(asked.state()).toBe('pending');
    await world.pass(300);
    expect(asked.error()).toMatchObject({ code: 'WaitTimeout' });
    // Nothing is wanted any more: it stops looking for a node.
    await world.pass(5_000);
    const { length } = world.streams;
    await world.pass(5_000);
    expect(world.streams).toHaveLength(length);
    expect(world.timers.size).toBe(0);
  });

  it('cancels at the node what it may know of, and what is granted meanwhile is nobody’s', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const abort = new AbortController();
    const asked = watched(client.acquire('a', { signal: abort.signal }));
    await world.turn();
    abort.abort(new Error('enough'));
    await world.turn();
    expect(asked.error()).toMatchObject({ code: 'Cancelled', cause: { message: 'enough' } });
    expect(world.stream.lastFrame.operations).toMatchObject([
      { kind: OperationKind.Cancel, sequence: 4, token: 3 },
    ]);
    world.stream.grant(3, 10);
    // The Cancel is repeated until it's answered; the acquire isn't.
    world.stream.end();
    await world.pass(20);
    expect(world.stream.frames[0]?.operations).toMatchObject([{ sequence: 4 }]);
    world.stream.welcome();
    world.stream.answer({ sequence: 4 });
    void watched(client.acquire('b'));
    await world.turn();
    expect(world.stream.lastFrame.acknowledgedSequence).toBe(4);
  });

  it('does not repeat an abandoned acquire, and forgets it with the answer of its Cancel', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const abort = new AbortController();
    void watched(client.acquire('a', { signal: abort.signal }));
    await world.turn();
    abort.abort();
    await world.turn();
    world.stream.end();
    await world.pass(20);
    const kinds = world.stream.frames[0]?.operations.map(({ kind }) => kind);
    expect(kinds).toEqual([OperationKind.Cancel]);
    world.stream.welcome();
    world.stream.answer({ sequence: 4, code: LockCode.NotFound });
    void watched(client.acquire('b'));
    await world.turn();
    expect(world.stream.lastFrame.acknowledgedSequence).toBe(4);
  });

  it('comes too late for a lock that is granted: the signal has no effect on it', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const abort = new AbortController();
    const asked = client.acquire('a', { signal: abort.signal });
    await world.turn();
    world.stream.grant(3, 10);
    abort.abort();
    const lock = await asked;
    expect(lock.signal.aborted).toBe(false);
    await world.turn();
    expect(world.stream.lastFrame.operations).toMatchObject([{ kind: OperationKind.Acquire }]);
  });

  it('sends nothing at all for what was never sent', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const before = world.stream.frames.length;
    const abort = new AbortController();
    const asked = watched(client.acquire('a', { signal: abort.signal }));
    abort.abort();
    await world.turn();
    expect(asked.error()).toMatchObject({ code: 'Cancelled' });
    expect(world.stream.frames.length).toBe(before);
    const late = watched(client.acquire('a', { signal: abort.signal }));
    await world.turn();
    expect(late.error()).toMatchObject({ code: 'Cancelled' });
  });
});

describe('a hold', () => {
  it('is lost alone when it is taken away', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = Promise.all([client.acquire('a'), client.acquire('b')]);
    await world.turn();
    world.stream.grant(3, 10);
    world.stream.grant(4, 11);
    const [first, second] = await asked;
    world.stream.reply({
      revocations: [{ key: 'a', token: 10, code: LockCode.ForceReleased }],
    });
    expect(first.signal.reason).toMatchObject({ code: 'ForceReleased' });
    expect(second.signal.aborted).toBe(false);
    expect(await first.release()).toEqual({ lost: true });
  });

  it('is released once, however often that is asked for', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = client.acquire('a');
    await world.turn();
    world.stream.grant(3, 10);
    const lock = await asked;
    const releases = [lock.release(), lock.release(), lock[Symbol.asyncDispose]()];
    await world.turn();
    expect(world.stream.lastFrame.operations).toHaveLength(1);
    world.stream.answer({ sequence: 4 });
    await Promise.all(releases);
  });

  it('is given back by withLock also when what it runs fails', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const ran = watched(client.withLock('a', () => Promise.reject(new Error('inside'))));
    await world.turn();
    world.stream.grant(3, 10);
    await world.turn();
    expect(world.stream.lastFrame.operations).toMatchObject([
      { kind: OperationKind.Release, token: 10 },
    ]);
    world.stream.answer({ sequence: 4 });
    await world.turn();
    expect(ran.error()).toMatchObject({ message: 'inside' });
  });

  it('of an election changes its value and is resigned', async () => {
    const world = new ScriptedWorld();
    const client = await world.opened();
    const asked = client.elect('leader', { value: 'node-1' });
    await world.turn();
    world.stream.grant(3, 10);
    const leadership = await asked;
    expect(leadership.term).toBe(10);
    const proclaimed = leadership.proclaim('node-1:ready');
    await world.turn();
    const [operation] = world.stream.lastFrame.operations;
    expect(operation).toMatchObject({ kind: OperationKind.SetMetadata, token: 10 });
    expect(Buffer.from(operation?.metadata ?? []).toString()).toBe('node-1:ready');
    world.stream.answer({ sequence: 4, code: LockCode.NotHeld });
    await expect(proclaimed).rejects.toMatchObject({ code: 'NotHeld' });
  });
});

describe('bounds', () => {
  it('refuse what is at fault before it is sent', async () => {
    const world = new ScriptedWorld();
    const client = world.client();
    for (const asked of [
      client.acquire(''),
      client.acquire('k'.repeat(1_025)),
      client.acquire('a\ud800'),
      client.acquire('a', { waitMs: -1 }),
      client.semaphore('s', 2).acquire({ permits: 3 }),
    ]) {
      await expect(asked).rejects.toMatchObject({ code: 'Invalid' });
    }
    await world.turn();
    expect(world.streams).toHaveLength(0);
  });

  it('refuse more acquires than a session may have under way', async () => {
    const world = new ScriptedWorld();
    const client = world.client();
    for (let index = 0; index < operationsMax; index += 1) {
      void watched(client.acquire(`k${index}`));
    }
    const refused = watched(client.acquire('one too many'));
    await world.turn();
    expect(refused.error()).toMatchObject({ code: 'ResourceExhausted' });
    expect(String(refused.error())).toContain('operationsMax');
    await client.close();
  });
});
