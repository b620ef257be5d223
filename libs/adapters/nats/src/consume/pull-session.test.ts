import { headers } from 'nats';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PullConnection, PullSession, pullBatch } from './pull-session.ts';

describe('pullBatch', () => {
  it('asks for what there is room for, less what is on its way', () => {
    expect(pullBatch({ room: 8, outstanding: 0, heldMax: 8 })).toBe(8);
    expect(pullBatch({ room: 8, outstanding: 5, heldMax: 8 })).toBe(3);
    expect(pullBatch({ room: 8, outstanding: 8, heldMax: 8 })).toBe(0);
    expect(pullBatch({ room: 0, outstanding: 0, heldMax: 8 })).toBe(0);
    expect(pullBatch({ room: -3, outstanding: 0, heldMax: 8 })).toBe(0);
  });

  it('saves small requests up, unless nothing is on its way', () => {
    expect(pullBatch({ room: 8, outstanding: 7, heldMax: 8 })).toBe(0);
    expect(pullBatch({ room: 1, outstanding: 0, heldMax: 8 })).toBe(1);
    expect(pullBatch({ room: 2, outstanding: 1, heldMax: 2 })).toBe(1);
  });

  it('never has more on its way than there is room for', () => {
    for (let room = -2; room <= 12; room += 1) {
      for (let outstanding = 0; outstanding <= 12; outstanding += 1) {
        const batch = pullBatch({ room, outstanding, heldMax: 12 });
        expect(batch).toBeGreaterThanOrEqual(0);
        expect(batch === 0 || outstanding + batch <= room).toBe(true);
      }
    }
  });
});

type Callback = Parameters<PullConnection['subscribe']>[1]['callback'];

/** A session on a connection that notes what is asked for, and says what a test tells it to. */
function startSession(room = 8) {
  const asked: unknown[] = [];
  const callbacks: Callback[] = [];
  const connection: PullConnection = {
    subscribe: (_subject, { callback }) => {
      callbacks.push(callback);
      return { getSubject: () => 'inbox', drain: async () => undefined };
    },
    publish: (_subject, payload) => void asked.push(JSON.parse(String(payload)).batch),
    isClosed: () => false,
    closed: () => new Promise(() => undefined),
  };
  const receive: Callback = (error, message) => {
    for (const callback of callbacks) callback(error, message);
  };
  const taken: number[] = [];
  const session = new PullSession({
    connection,
    stream: 'S',
    consumer: 'c',
    heldMax: 8,
    room: () => room - taken.length,
    onDelivery: ({ message }) => void taken.push(message.sequence),
  });
  return {
    session,
    asked,
    taken,
    status: (code: number, description: string, unfilled?: number) => {
      const told = headers(code, description);
      if (unfilled !== undefined) told.set('Nats-Pending-Messages', String(unfilled));
      receive(null, { subject: 'inbox', headers: told, data: new Uint8Array() });
    },
    deliver: (sequence: number) => {
      const reply = `$JS.ACK.S.c.1.${sequence}.1.1795230259417157086.0`;
      receive(null, { subject: 's', reply, data: new Uint8Array() });
    },
  };
}

describe('PullSession', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks again for what a request that ran out did not bring', () => {
    const { asked, status, deliver, taken } = startSession();
    expect(asked).toEqual([8]);
    deliver(1);
    expect(taken).toEqual([1]);
    status(408, 'Request Timeout', 7);
    expect(asked).toEqual([8, 7]);
  });

  it('ends after a silence, and not while heartbeats come', async () => {
    const { session, status } = startSession();
    for (let beat = 0; beat < 10; beat += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      status(100, 'Idle Heartbeat');
    }
    const ended = vi.fn<(end: unknown) => void>();
    void session.ended.then(ended);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ended).toHaveBeenCalledWith({ reason: 'heartbeats_missed', detail: '' });
  });

  it('expects no heartbeat while it asks for nothing', async () => {
    const { session } = startSession(0);
    const ended = vi.fn<(end: unknown) => void>();
    void session.ended.then(ended);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(ended).not.toHaveBeenCalled();
    await session.close('stopped');
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it.each([
    [409, 'Consumer Deleted', 'consumer_deleted'],
    [409, 'Leadership Change', 'leadership_changed'],
    [503, 'No Responders', 'no_responders'],
    [409, 'Exceeded MaxWaiting', 'refused'],
    [400, 'Bad Request', 'refused'],
  ] as const)('ends on %i %s', async (code, description, reason) => {
    const { session, status, asked } = startSession();
    status(code, description);
    expect(await session.ended).toMatchObject({ reason });
    session.refill();
    expect(asked).toEqual([8]);
  });
});
