import { describe, expect, it } from 'vitest';
import { delay, withDeadline } from './waiting.ts';

describe('delay', () => {
  it('ends with its signal', async () => {
    const controller = new AbortController();
    const waiting = delay(60_000, controller.signal);
    controller.abort();
    const ended = Promise.all([waiting, delay(60_000, controller.signal)]);
    await expect(ended).resolves.toEqual([undefined, undefined]);
  });
});

describe('withDeadline', () => {
  it('gives the value, the rejection or the deadline', async () => {
    expect(await withDeadline(Promise.resolve(7), 1_000)).toEqual({ ok: true, value: 7 });
    const error = new Error('no');
    expect(await withDeadline(Promise.reject(error), 1_000)).toEqual({
      ok: false,
      error: { kind: 'rejected', error },
    });
    const { promise, reject } = Promise.withResolvers<never>();
    expect(await withDeadline(promise, 5)).toEqual({ ok: false, error: { kind: 'deadline' } });
    // Nobody listens any more, and nothing is reported as unhandled.
    reject(error);
  });
});
