import { describe, expect, it } from 'vitest';
import { type Random, seededRandom, systemRandom } from './random.ts';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

describe('seededRandom', () => {
  it('gives the same numbers for the same seed, today and on any machine', () => {
    const first = draw(seededRandom(42), 3).map((value) => Math.floor(value * 2 ** 32));
    expect(first).toEqual(draw(seededRandom('42'), 3).map((value) => Math.floor(value * 2 ** 32)));
    expect(first).toEqual([37_710_428, 3_177_766_828, 473_303_225]);
  });

  it('gives other numbers for another seed', () => {
    expect(draw(seededRandom(1), 5)).not.toEqual(draw(seededRandom(2), 5));
  });

  it('keeps a child independent of how much its parent or siblings draw', () => {
    const quiet = seededRandom(7).child('network');
    const busyParent = seededRandom(7);
    draw(busyParent, 100);
    draw(busyParent.child('disk'), 100);
    expect(draw(busyParent.child('network'), 5)).toEqual(draw(quiet, 5));
    expect(draw(seededRandom(7).child('disk'), 5)).not.toEqual(
      draw(seededRandom(7).child('network'), 5),
    );
  });

  it('is uniform enough: each tenth gets about a tenth', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const value of draw(seededRandom('uniform'), 100_000)) {
      const tenth = Math.floor(value * 10);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(9_600);
    expect(Math.max(...counts)).toBeLessThan(10_400);
  });

  it('draws whole numbers from both ends of their range and nothing outside', () => {
    const random = seededRandom('range');
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(-1, 2)));
    expect(seen).toEqual(new Set([-1, 0, 1, 2]));
    expect(random.integer(5, 5)).toBe(5);
  });

  it('is certain at the probabilities 0 and 1', () => {
    const random = seededRandom('chance');
    const outcomes = Array.from({ length: 200 }, () => [random.chance(0), random.chance(1)]);
    expect(outcomes.every(([never, always]) => never === false && always === true)).toBe(true);
  });

  it('picks every item, and refuses an empty list', () => {
    const random = seededRandom('pick');
    const picked = new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])));
    expect([...picked].toSorted()).toEqual(['a', 'b', 'c']);
    expect(() => random.pick([])).toThrow('empty list');
  });
});

describe('systemRandom', () => {
  it('gives numbers in [0, 1) that differ', () => {
    const values = Array.from({ length: 100 }, systemRandom.next);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(90);
  });
});
