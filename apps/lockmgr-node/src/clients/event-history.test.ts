import { describe, expect, it } from 'vitest';
import { EventHistory } from './event-history.ts';

function fill(history: EventHistory, from: number, to: number): void {
  for (let index = from; index <= to; index += 1) history.add({ index, events: [] });
}

describe('the history of events', () => {
  it('gives what happened after an index', () => {
    const history = new EventHistory(10);
    fill(history, 11, 15);
    const { events, gap } = history.after(13);
    expect(gap).toBe(false);
    expect(events.map(({ index }) => index)).toEqual([14, 15]);
  });

  it('tells of a gap before what it knows, and hides none', () => {
    const history = new EventHistory(10);
    fill(history, 11, 12);
    expect(history.after(9).gap).toBe(true);
    expect(history.after(10).gap).toBe(false);
    history.reset(50);
    expect(history.after(12)).toEqual({ gap: true, events: [] });
    expect(history.after(50).gap).toBe(false);
  });

  it('is bounded, and tells of what it let go', () => {
    const history = new EventHistory(0);
    fill(history, 1, 25_000);
    const { events, gap } = history.after(0);
    expect(gap).toBe(true);
    expect(events.length).toBeLessThan(20_000);
    const first = events[0]?.index ?? 0;
    expect(history.after(first - 1)).toEqual({ gap: false, events });
  });
});
