import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { matchesWildcard } from './wildcard.ts';

describe('matchesWildcard', () => {
  it('agrees with a regular expression on random patterns', () => {
    const random = seededRandom(7);
    const text = (alphabet: readonly string[], lengthMax: number) =>
      Array.from({ length: random.integer(0, lengthMax) }, () => random.pick(alphabet)).join('');
    let matched = 0;
    for (let round = 0; round < 5_000; round += 1) {
      const [pattern, subject] = [text(['a', 'b', '*'], 6), text(['a', 'b'], 8)];
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(subject);
      expect([pattern, subject, matchesWildcard(pattern, subject)]).toEqual([
        pattern,
        subject,
        expected,
      ]);
      if (expected) matched += 1;
    }
    expect(matched).toBeGreaterThan(500);
  });

  it('needs no exponential time', () => {
    expect(matchesWildcard(`${'*a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
  });
});
