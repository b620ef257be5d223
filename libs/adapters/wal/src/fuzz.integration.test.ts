/** As in damage.test.ts, with thousands of bits. */
import { seededRandom } from '@windlass/base';
import { expect, it } from 'vitest';
import { fuzz } from './testing/fuzz.ts';

it.each(['first', 'second', 'third'])(
  'opens with exactly the right content or reports damage, whichever bit flips (%s)',
  async (seed) => {
    const { flips, cuts } = await fuzz(seededRandom(seed), { flips: 2_000, cuts: 300 });
    expect(flips.damaged).toBeGreaterThan(200);
    expect(cuts.damaged).toBeGreaterThan(100);
  },
);
