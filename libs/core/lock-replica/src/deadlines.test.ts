import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { Deadlines, slotMs } from './deadlines.ts';

describe('deadlines', () => {
  it('fire in time, each once, never early, at most one slot late', () => {
    const random = seededRandom('deadlines');
    const deadlines = new Deadlines<number>();
    const due = new Map<number, number>();
    let nowMs = 0;
    for (let step = 0; step < 300; step += 1) {
      const atMs = nowMs + random.integer(0, 5_000);
      deadlines.add(atMs, atMs);
      due.set(atMs, (due.get(atMs) ?? 0) + 1);
      nowMs += random.integer(0, 40);
      for (const fired of deadlines.due(nowMs)) {
        expect(fired).toBeLessThanOrEqual(nowMs);
        due.set(fired, (due.get(fired) ?? 0) - 1);
      }
      for (const [deadlineMs, count] of due) if (count === 0) due.delete(deadlineMs);
      const late = [...due.keys()].filter((deadlineMs) => deadlineMs + 2 * slotMs <= nowMs);
      expect(late).toEqual([]);
    }
    expect(deadlines.due(nowMs + 10_000)).toHaveLength([...due.values()].reduce((a, b) => a + b));
    expect(deadlines.due(nowMs + 100_000)).toEqual([]);
  });

  it('take a jump of years as one step', () => {
    const deadlines = new Deadlines<string>();
    deadlines.add(100, 'soon');
    deadlines.add(1e12, 'later');
    expect(deadlines.due(1e11)).toEqual(['soon']);
    expect(deadlines.due(1e12 + slotMs)).toEqual(['later']);
  });
});
