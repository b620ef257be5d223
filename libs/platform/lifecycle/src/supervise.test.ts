import { createLog, type Log } from '@windlass/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { superviseLoop } from './supervise.ts';

const backoff = { initialMs: 100, maxMs: 1_000 };

function logInto(entries: Record<string, unknown>[]): Log {
  const destination = { write: (line: string) => entries.push(JSON.parse(line)) };
  return createLog({ app: 'demo', level: 'debug', format: 'json', destination });
}

describe('superviseLoop', () => {
  let controller = new AbortController();
  const entries: Record<string, unknown>[] = [];
  const log = logInto(entries);
  beforeEach(() => {
    vi.useFakeTimers();
    controller = new AbortController();
    entries.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const supervise = (fn: (signal: AbortSignal) => Promise<void>) =>
    superviseLoop('relay', fn, { signal: controller.signal, log, backoff });

  it('runs again after a growing, bounded delay, and says why', async () => {
    let runs = 0;
    const done = supervise(async () => {
      runs += 1;
      throw new Error(`failure ${runs}`);
    });
    await vi.advanceTimersByTimeAsync(20_000);
    controller.abort();
    await done;
    expect(entries[0]).toMatchObject({
      level: 'warn',
      msg: 'loop_failed',
      loop: 'relay',
      failures: 1,
      error: { message: 'failure 1' },
    });
    const delays = entries.map((entry) => Number(entry['delay_ms']));
    expect(delays[0]).toBeLessThanOrEqual(100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1_000);
    expect(Math.min(...delays.slice(5))).toBeGreaterThanOrEqual(500);
    expect(runs).toBeGreaterThan(19);
    expect(runs).toBeLessThan(46);
  });

  it('runs again also when the loop just ends', async () => {
    let runs = 0;
    const done = supervise(async () => {
      runs += 1;
    });
    await vi.advanceTimersByTimeAsync(100);
    controller.abort();
    await done;
    expect(runs).toBe(2);
    expect(entries[0]).toMatchObject({ msg: 'loop_ended', loop: 'relay' });
  });

  it('begins with short delays anew after a long run', async () => {
    const done = supervise(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      throw new Error('after a while');
    });
    await vi.advanceTimersByTimeAsync(30_000);
    controller.abort();
    await vi.advanceTimersByTimeAsync(5_000);
    await done;
    const failures = entries.filter(({ msg }) => msg === 'loop_failed');
    expect(failures.length).toBeGreaterThan(3);
    expect(failures.every((entry) => entry['failures'] === 1)).toBe(true);
  });

  it('ends with its signal: in a run, in a delay, and before the first run', async () => {
    const inRun = supervise(
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    await inRun;
    expect(entries.map(({ level, msg }) => [level, msg])).toEqual([['debug', 'loop_stopped']]);

    controller = new AbortController();
    const inDelay = supervise(async () => undefined);
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    await inDelay;

    let runs = 0;
    await supervise(async () => {
      runs += 1;
    });
    expect(runs).toBe(0);
  });
});
