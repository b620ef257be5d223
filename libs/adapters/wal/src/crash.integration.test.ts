/** As crash.test.ts, with longer lives and more power cuts. */
import { seededRandom } from '@windlass/base';
import { expect, it } from 'vitest';
import { crashEverywhere } from './testing/crash-everywhere.ts';

it.each(['first', 'second', 'third'])(
  'finds all that was acknowledged, and nothing half, after a crash anywhere (%s)',
  async (seed) => {
    const settings = { steps: 40, powerCuts: 3, writesOn: 0.3 };
    const result = await crashEverywhere(seededRandom(seed), settings);
    expect(result.kinds).toEqual(
      new Set(['create', 'write', 'sync', 'rename', 'sync-folder', 'remove', 'note']),
    );
  },
);
