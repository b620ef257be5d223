/** Crashes at every operation of the disk: nothing acknowledged is lost, nothing half is seen. */
import { seededRandom } from '@windlass/base';
import { expect, it } from 'vitest';
import { crashEverywhere } from './testing/crash-everywhere.ts';

it('finds all that was acknowledged, and nothing half, after a crash anywhere', async () => {
  const settings = { steps: 14, powerCuts: 1, writesOn: 0.2 };
  const result = await crashEverywhere(seededRandom('short'), settings);
  expect(result.openings).toBeGreaterThan(300);
});
