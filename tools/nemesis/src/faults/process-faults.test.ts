import { seededRandom } from '@windlass/base';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { processFaults } from './process-faults.ts';
import type { StackProcesses } from './stack-processes.ts';

const awayMs = { min: 60_000, max: 180_000 };
const servers = ['postgres', 'nats', 'etcd', 'kube-apiserver'];

const find = (own: readonly string[], name: string) =>
  processFaults(own, awayMs).find((fault) => fault.name === name);

describe('processFaults', () => {
  it('pauses one worker while the other goes on: then it is no outage', () => {
    const name = 'freeze worker past its lease';
    expect(find([...servers, 'worker'], name)).toMatchObject({ isOutage: true });
    const several = [...servers, 'worker', 'worker-2'];
    for (const each of [name, 'freeze worker-2 past its lease']) {
      expect(find(several, each)).toMatchObject({
        isOutage: false,
        holdMs: { min: 32_000, max: 180_000 },
      });
    }
  });

  it('holds the outages of servers as long as asked for', () => {
    for (const server of ['postgres', 'nats', 'kube-apiserver']) {
      expect(find(servers, `freeze ${server}`)).toMatchObject({ holdMs: awayMs, isOutage: true });
      expect(find(servers, `keep ${server} down`)).toMatchObject({
        holdMs: awayMs,
        isOutage: true,
      });
    }
  });

  it('has nothing for servers of the user', () => {
    const names = processFaults(['api', 'worker-2'], awayMs).map((fault) => fault.name);
    expect(names).toEqual([
      'kill api',
      'freeze api',
      'kill worker-2',
      'freeze worker-2',
      'freeze worker-2 past its lease',
    ]);
  });
});

describe('a server that is kept down', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is ended each time that it has come back, and left alone afterwards', async () => {
    let isRunning = true;
    let ends = 0;
    const processes: StackProcesses = {
      own: () => servers,
      pid: () => null,
      signal: (component, signal) => {
        expect([component, signal]).toEqual(['nats', 'SIGKILL']);
        if (!isRunning) return null;
        isRunning = false;
        ends += 1;
        return { pid: 7, endIfAlive: () => false };
      },
      freeze: () => null,
      thawAll: () => undefined,
      unready: () => null,
    };
    const notes: string[] = [];
    const note = (text: string) => void notes.push(text);
    const context = { processes, note, stir: () => undefined };
    const undo = await find(servers, 'keep nats down')?.inject(context, seededRandom(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ends).toBe(1);
    isRunning = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([ends, isRunning]).toEqual([2, false]);
    await undo?.();
    isRunning = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(isRunning).toBe(true);
    expect(notes.at(-1)).toBe('nats may start again, after 2 ends');
  });
});
