import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { fail, ok, type Result } from './result.ts';

describe('Result', () => {
  it('is told apart by ok', () => {
    const outcomes: readonly Result<number, string>[] = [ok(1), fail('late')];
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error))).toEqual([
      1,
      'late',
    ]);
  });
});

describe('systemClock', () => {
  it('reads the wall in milliseconds since 1970, and a clock that never goes back', () => {
    expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000);
    const readings = Array.from({ length: 1_000 }, systemClock.monotonicMs);
    expect(readings.toSorted((left, right) => left - right)).toEqual(readings);
  });
});
