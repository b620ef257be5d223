import { systemClock } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { ApiUnreachable } from './problem.ts';
import { createSend, TRIES_MAX } from './send.ts';

type Reply = () => Response;
const busy =
  (retryAfter: string, status = 503): Reply =>
  () =>
    new Response('{}', { status, headers: { 'retry-after': retryAfter } });
const done: Reply = () => new Response('{}');
const broken: Reply = () => {
  throw new TypeError('fetch failed');
};

function setUp(replies: readonly [Reply, ...Reply[]], deadlineMs = 60_000) {
  const pausesMs: number[] = [];
  let tries = 0;
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const send = createSend({
    deadlineMs,
    credentials: async () => ({}),
    surroundings: {
      fetch: async () => {
        tries += 1;
        const reply = replies[Math.min(tries, replies.length) - 1] ?? done;
        return reply();
      },
      clock: { ...systemClock, nowMs: () => nowMs, monotonicMs: () => nowMs },
      random: { next: () => 1 },
      pause: async (durationMs) => {
        pausesMs.push(durationMs);
        nowMs += durationMs;
      },
    },
  });
  return { send, pausesMs, tries: () => tries };
}

const get = (path = '') => new Request(`http://127.0.0.1/${path}`);
const post = (headers = {}) => new Request('http://127.0.0.1/', { method: 'POST', headers });
const keyed = { 'x-request-id': 'a' };

describe('send', () => {
  it('waits as long as Retry-After says, in seconds or until a date', async () => {
    const { send, pausesMs } = setUp([busy('7'), busy('Thu, 01 Jan 2026 00:00:10 GMT'), done]);
    expect((await send(get())).status).toBe(200);
    expect(pausesMs).toEqual([7_000, 3_000]);
  });

  it('gives the answer back at once where Retry-After lies behind the deadline', async () => {
    const { send, pausesMs } = setUp([busy('61')]);
    expect((await send(get())).status).toBe(503);
    expect(pausesMs).toEqual([]);
  });

  it('waits longer after each failure, and gives up after TRIES_MAX', async () => {
    const { send, pausesMs, tries } = setUp([broken]);
    const error = await send(get()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiUnreachable);
    expect(error).toMatchObject({ reason: 'network', tries: TRIES_MAX });
    expect(pausesMs).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000]);
    expect(tries()).toBe(TRIES_MAX);
  });

  it.each([
    ['a GET without an answer', get(), broken, 2],
    ['a GET after 502', get(), busy('0', 502), 2],
    ['a POST with a request id without an answer', post(keyed), broken, 2],
    ['a POST with an idempotency key after 503', post({ 'idempotency-key': 'a' }), busy('0'), 2],
    ['a POST with neither after 429', post(), busy('0', 429), 2],
  ])('repeats %s', async (_, request, first, expected) => {
    const { send, tries } = setUp([first, done]);
    expect((await send(request)).status).toBe(200);
    expect(tries()).toBe(expected);
  });

  it.each([
    ['a POST without a request id after 503', post(), busy('0')],
    ['a GET after 500', get(), busy('0', 500)],
    ['a GET after 409', get(), busy('0', 409)],
  ])('does not repeat %s', async (_, request, first) => {
    const { send, tries } = setUp([first, done]);
    expect((await send(request)).ok).toBe(false);
    expect(tries()).toBe(1);
  });

  it('does not repeat a POST without a request id that got no answer', async () => {
    const { send, tries } = setUp([broken, done]);
    await expect(send(post())).rejects.toThrow(ApiUnreachable);
    expect(tries()).toBe(1);
  });

  it('leaves a held-back answer its time on top of the deadline', async () => {
    const path = 'x?wait=applied&timeoutSeconds=60';
    expect((await setUp([busy('61'), done]).send(get(path))).status).toBe(200);
    expect((await setUp([busy('61'), done]).send(get('x?timeoutSeconds=60'))).status).toBe(503);
  });

  it("ends with the caller's own reason when the caller aborts", async () => {
    const caller = new AbortController();
    const { send, tries } = setUp([broken]);
    caller.abort(new Error('enough'));
    const request = new Request('http://127.0.0.1/', { signal: caller.signal });
    await expect(send(request)).rejects.toThrow('enough');
    expect(tries()).toBe(1);
  });
});
