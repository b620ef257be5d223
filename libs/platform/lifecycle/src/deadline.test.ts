import { describe, expect, it } from 'vitest';
import { pause, withDeadline } from './deadline.ts';

const never = new Promise<never>(() => undefined);

describe('withDeadline', () => {
  it('gives the outcome of what ends in time', async () => {
    expect(await withDeadline(Promise.resolve(7), 1_000, 'the sum')).toBe(7);
    const error = new TypeError('bug');
    await expect(withDeadline(Promise.reject(error), 1_000, 'the sum')).rejects.toBe(error);
  });

  it('fails with a deadline error that says what took how long', async () => {
    await expect(withDeadline(never, 5, 'the ping')).rejects.toMatchObject({
      code: 'deadline',
      detail: 'the ping took longer than 5 ms',
    });
  });

  it('aborts the signal of a function at the deadline, with the same error', async () => {
    let reason: unknown;
    const work = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      return never;
    };
    const error: unknown = await withDeadline(work, 5, 'the read').catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'deadline' });
    expect(reason).toBe(error);
  });

  it('does not abort what has ended', async () => {
    let ended: AbortSignal | null = null;
    const work = (signal: AbortSignal) => {
      ended = signal;
      return Promise.resolve('done');
    };
    await withDeadline(work, 5, 'the read');
    await pause(15, new AbortController().signal);
    expect(ended).toMatchObject({ aborted: false });
  });

  it('takes the error of a function that throws before it waits', async () => {
    const late = withDeadline(
      () => {
        throw new RangeError('out of range');
      },
      1_000,
      'the read',
    );
    await expect(late).rejects.toThrow('out of range');
  });
});

describe('pause', () => {
  it('waits', async () => {
    const startedMs = performance.now();
    await pause(20, new AbortController().signal);
    expect(performance.now() - startedMs).toBeGreaterThan(15);
  });

  it('ends as soon as its signal aborts, also where it has already', async () => {
    const controller = new AbortController();
    const long = pause(60_000, controller.signal);
    controller.abort();
    await long;
    await pause(60_000, controller.signal);
    expect(controller.signal.aborted).toBe(true);
  });

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      listeners += 1;
      add(...parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...parameters);
    };
    await Promise.all([pause(1, signal), pause(2, signal)]);
    expect(listeners).toBe(0);
  });
});
