import { describe, expect, it } from 'vitest';
import { PublishWindow } from './window.ts';

const enterMany = (window: PublishWindow, count: number, deadlineMs = 60_000) =>
  Array.from({ length: count }, () => window.enter(deadlineMs));

describe('PublishWindow', () => {
  it('lets 256 in at once, and the next when one leaves, in order', async () => {
    const window = new PublishWindow();
    await Promise.all(enterMany(window, 256));
    const order: number[] = [];
    const waiting = [1, 2, 3].map((number) => window.enter(60_000).then(() => order.push(number)));
    await Promise.resolve();
    expect(order).toEqual([]);
    window.leave();
    await waiting[0];
    expect(order).toEqual([1]);
    window.leave();
    window.leave();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  it('refuses when too many wait', async () => {
    const window = new PublishWindow();
    const entered = enterMany(window, 256 + 4_096);
    expect(await window.enter(60_000)).toBe('full');
    for (let each = 0; each < 4_096; each += 1) window.leave();
    expect(new Set(await Promise.all(entered))).toEqual(new Set(['entered']));
  });

  it('lets nobody wait past its deadline, nor take a place then', async () => {
    const window = new PublishWindow();
    await Promise.all(enterMany(window, 256));
    expect(await window.enter(5)).toBe('late');
    window.leave();
    expect(await window.enter(5)).toBe('entered');
    expect(await window.enter(5)).toBe('late');
  });
});
