import { describe, expect, it } from 'vitest';
import { formatDuration, table } from './print.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0.0 s'],
    [340, '0.3 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [3_599_000, '59 min'],
    [3_660_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0.0 s'],
  ])('shows %i ms as %s', (durationMs, shown) => {
    expect(formatDuration(durationMs)).toBe(shown);
  });
});

describe('table', () => {
  it('aligns columns and leaves no blanks at the end', () => {
    expect(
      table([
        ['a', 'b', ''],
        ['ccc', 'd', 'e'],
      ]),
    ).toEqual(['a    b', 'ccc  d  e']);
  });
});
