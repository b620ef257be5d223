import { acquire, close, LockCode, LockMode, release } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { requestFrame, TestCluster, type TestNode, waitForever } from './cluster.test-support.ts';

const three = [1, 2, 3];

function results(node: TestNode, stream: number) {
  return node.frames
    .filter((sent) => sent.stream === stream)
    .flatMap(({ frame }) => frame.results)
    .map(({ code, sequence, token }) => ({ code, sequence, token }));
}

function lock(sequence: number, waitMs: number = waitForever, key = 'k') {
  return acquire({ sequence, key, mode: LockMode.Exclusive, waitMs });
}

describe('a leader', () => {
  it('grants, queues, and hands over with a greater token', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const first = cluster.open(leader);
    const second = cluster.open(leader);
    leader.replica.frame(first.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    leader.replica.frame(second.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    const [grant] = results(leader, first.stream);
    expect(grant).toMatchObject({ code: LockCode.Ok, sequence: 1 });
    expect(results(leader, second.stream)).toMatchObject([{ code: LockCode.Queued }]);
    const token = grant?.token ?? 0;
    leader.replica.frame(
      first.stream,
      requestFrame(3, [release({ sequence: 2, key: 'k', token })]),
    );
    cluster.settle();
    const handedOver = results(leader, second.stream).at(-1);
    expect(handedOver).toMatchObject({ code: LockCode.Ok, sequence: 1 });
    expect(handedOver?.token).toBeGreaterThan(token);
  });

  it('answers an operation that comes with the hello of its session', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const stream = cluster.connect(leader);
    const hello = { sessionId: 0, ttlMs: 0, clientName: '' };
    leader.replica.frame(stream, requestFrame(1, [lock(1)], hello));
    cluster.settle();
    expect(results(leader, stream)).toMatchObject([{ code: LockCode.Ok }]);
    expect(leader.frames.at(-1)?.frame).toMatchObject({ renewedFrame: 1 });
  });

  it('welcomes each stream to its own session, whatever else is in the same entry', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const closing = cluster.open(leader);
    const streams = [cluster.connect(leader), cluster.connect(leader), cluster.connect(leader)];
    const hello = { sessionId: 0, ttlMs: 0, clientName: '' };
    for (const [at, stream] of streams.entries()) {
      leader.replica.frame(stream, requestFrame(1, [lock(1, 0, `key-${at}`)], hello));
      if (at === 0) leader.replica.frame(closing.stream, requestFrame(2, [close({ sequence: 1 })]));
    }
    cluster.settle();
    for (const [at, stream] of streams.entries()) {
      const welcome = leader.frames.find((sent) => sent.stream === stream)?.frame.welcome;
      const [holder] = leader.replica.machine.get(`key-${at}`)?.holders ?? [];
      expect(holder?.sessionId).toBe(welcome?.sessionId);
    }
  });

  it('ends a bounded wait and leaves no waiter behind (invariant 9)', () => {
    const cluster = new TestCluster(three, 60_000);
    const leader = cluster.leader();
    const holder = cluster.open(leader, 60_000);
    const waiter = cluster.open(leader, 60_000);
    leader.replica.frame(holder.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    leader.replica.frame(waiter.stream, requestFrame(2, [lock(1, 300)]));
    cluster.pass(250);
    expect(results(leader, waiter.stream)).toMatchObject([{ code: LockCode.Queued }]);
    cluster.pass(100);
    expect(results(leader, waiter.stream).at(-1)).toMatchObject({ code: LockCode.WaitTimeout });
    for (const node of cluster.nodes.values()) {
      expect(node.replica.machine.counts().waiters).toBe(0);
    }
  });

  it('takes a client that is gone out of the queue after the grace (invariant 9)', () => {
    const cluster = new TestCluster(three, 60_000);
    const leader = cluster.leader();
    const holder = cluster.open(leader, 60_000);
    const waiter = cluster.open(leader, 60_000);
    leader.replica.frame(holder.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    leader.replica.frame(waiter.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    leader.replica.disconnect(waiter.stream);
    cluster.pass(4_900);
    expect(leader.replica.machine.counts().waiters).toBe(1);
    cluster.pass(200);
    expect(leader.replica.machine.counts().waiters).toBe(0);
  });

  it('keeps the place of a client that comes back in time with the same sequence', () => {
    const cluster = new TestCluster(three, 60_000);
    const leader = cluster.leader();
    const holder = cluster.open(leader, 60_000);
    const waiter = cluster.open(leader, 60_000);
    leader.replica.frame(holder.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    leader.replica.frame(waiter.stream, requestFrame(2, [lock(7)]));
    cluster.settle();
    leader.replica.disconnect(waiter.stream);
    cluster.pass(1_000);
    const again = cluster.connect(leader);
    const hello = { sessionId: waiter.sessionId, ttlMs: 0, clientName: '' };
    leader.replica.frame(again, requestFrame(1, [lock(7)], hello));
    cluster.pass(10_000);
    expect(results(leader, again)).toMatchObject([{ code: LockCode.Queued, sequence: 7 }]);
    expect(leader.frames.some(({ frame }) => frame.welcome?.lastSequence === 7)).toBe(true);
    expect(leader.replica.machine.counts().waiters).toBe(1);
  });

  it('expires a silent session, frees its lock, and ends its stream', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const silent = cluster.open(leader, 1_000);
    leader.replica.frame(silent.stream, requestFrame(2, [lock(1)]));
    cluster.pass(900);
    expect(leader.replica.machine.counts().locks).toBe(1);
    cluster.pass(200);
    expect(leader.replica.machine.counts()).toMatchObject({ locks: 0, sessions: 0 });
    expect(leader.ends).toMatchObject([{ stream: silent.stream, code: LockCode.SessionExpired }]);
  });

  it('goes on with what is left of a TTL when leaders change (invariant 7)', () => {
    const cluster = new TestCluster(three);
    const first = cluster.leader();
    cluster.open(first, 2_000);
    cluster.pass(1_550);
    first.isCut = true;
    const second = cluster.leader();
    expect(second).not.toBe(first);
    // Three quarters of the silence were logged: a quarter is left, not a whole TTL.
    cluster.pass(600);
    expect(second.replica.machine.counts().sessions).toBe(0);
  });

  it('acknowledges no renewal before a quorum has confirmed it (invariant 6)', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const client = cluster.open(leader);
    for (const node of cluster.nodes.values()) node.isCut = node !== leader;
    leader.replica.frame(client.stream, requestFrame(5, []));
    cluster.settle();
    const renewed = () => leader.frames.some(({ frame }) => frame.renewedFrame === 5);
    expect(renewed()).toBe(false);
    for (const node of cluster.nodes.values()) node.isCut = false;
    cluster.pass(100);
    expect(renewed()).toBe(true);
  });

  it('acknowledges nothing that a quorum has not on disk (invariant 4)', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const client = cluster.open(leader);
    for (const node of cluster.nodes.values()) node.holdsWrites = node !== leader;
    leader.replica.frame(client.stream, requestFrame(2, [lock(1)]));
    cluster.pass(100);
    expect(results(leader, client.stream)).toEqual([]);
    for (const node of cluster.nodes.values()) node.holdsWrites = false;
    cluster.pass(100);
    expect(results(leader, client.stream)).toMatchObject([{ code: LockCode.Ok }]);
  });

  it('sends its clients to the next leader when it has lost the quorum', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const client = cluster.open(leader);
    const waiting = cluster.call(leader, { kind: 'get', key: 'k' });
    expect(waiting.answer()).toMatchObject({ kind: 'lock', lock: null });
    leader.isCut = true;
    const lost = cluster.call(leader, { kind: 'get', key: 'k' });
    cluster.pass(1_000);
    expect(leader.replica.isServing).toBe(false);
    expect(leader.ends).toMatchObject([{ stream: client.stream, code: LockCode.NotLeader }]);
    expect(lost.answer()).toMatchObject({ kind: 'refused', code: LockCode.Unavailable });
    expect(cluster.leader()).not.toBe(leader);
  });

  it('refuses operations beyond its bound, by its name', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const client = cluster.open(leader);
    const operations = Array.from({ length: 101 }, (_, at) => lock(at + 1, 0, `key-${at}`));
    leader.replica.frame(client.stream, requestFrame(2, operations));
    cluster.settle();
    const codes = results(leader, client.stream).map(({ code }) => code);
    expect(codes.filter((code) => code === LockCode.Ok)).toHaveLength(100);
    expect(codes.filter((code) => code === LockCode.ResourceExhausted)).toHaveLength(1);
  });

  it('hands over when its disk does not answer', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const client = cluster.open(leader);
    leader.holdsWrites = true;
    leader.replica.frame(client.stream, requestFrame(2, [lock(1)]));
    cluster.pass(600);
    expect(leader.notices.map(({ kind }) => kind)).toContain('disk-slow');
    expect(leader.replica.isServing).toBe(false);
    expect(cluster.leader()).not.toBe(leader);
  });

  it('does not count a pause of the process as silence of its clients', () => {
    const cluster = new TestCluster([1]);
    const leader = cluster.leader();
    cluster.open(leader, 1_000);
    cluster.nowMs += 60_000;
    cluster.pass(500);
    expect(leader.replica.machine.counts().sessions).toBe(1);
    expect(leader.notices.map(({ kind }) => kind)).toContain('paused');
    cluster.pass(600);
    expect(leader.replica.machine.counts().sessions).toBe(0);
  });
});

describe('a unary call', () => {
  it('opens a session, waits for a lock, and is answered at the grant', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    const opened = cluster.call(leader, { kind: 'open', ttlMs: 60_000, clientName: 'curl' });
    const answer = opened.answer();
    if (answer.kind !== 'opened') throw new Error('not opened');
    const { sessionId } = answer;
    const holder = cluster.open(leader);
    leader.replica.frame(holder.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    const waiting = cluster.call(leader, { kind: 'operation', sessionId, operation: lock(0) });
    expect(() => waiting.answer()).toThrow('waits');
    cluster.pass(1_100);
    expect(waiting.answer()).toMatchObject({ kind: 'result', result: { code: LockCode.Ok } });
  });

  it('that is cancelled leaves the queue', () => {
    const cluster = new TestCluster(three, 60_000);
    const leader = cluster.leader();
    const holder = cluster.open(leader, 60_000);
    leader.replica.frame(holder.stream, requestFrame(2, [lock(1)]));
    cluster.settle();
    const { sessionId } = cluster.open(leader, 60_000);
    const waiting = cluster.call(leader, { kind: 'operation', sessionId, operation: lock(0) });
    expect(leader.replica.machine.counts().waiters).toBe(1);
    leader.replica.cancelCall(waiting.id);
    cluster.settle();
    expect(leader.replica.machine.counts().waiters).toBe(0);
  });

  it('at a node that does not lead names the leader', () => {
    const cluster = new TestCluster(three);
    const leader = cluster.leader();
    cluster.pass(100);
    const other = [...cluster.nodes.values()].find((node) => node !== leader);
    if (other === undefined) throw new Error('no other node');
    const refused = cluster.call(other, { kind: 'get', key: 'k' });
    expect(refused.answer()).toMatchObject({
      kind: 'refused',
      code: LockCode.NotLeader,
      leaderAddress: expect.stringMatching(/^node-[123]:9090$/),
    });
  });
});
