import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { checkLockHistory } from './check-lock-history.ts';
import { explainLockHistory } from './explain-lock-history.ts';
import { makeHistory } from './sequential-locks.test-support.ts';
import type { LockHistory, LockRecord } from './types.ts';

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

const judge = (history: LockHistory) => explainLockHistory(checkLockHistory(history));

/** Replaces the first record, from a random place on, that the change applies to. */
function mutate(
  history: LockHistory,
  seed: number,
  change: (record: LockRecord) => LockRecord | null,
): LockHistory | null {
  const { records } = history;
  const offset = seededRandom(seed).integer(0, Math.max(0, records.length - 1));
  for (let step = 0; step < records.length; step += 1) {
    const place = (offset + step) % records.length;
    const record = records[place];
    const changed = record === undefined ? null : change(record);
    if (changed === null) continue;
    return { ...history, records: records.with(place, changed) };
  }
  return null;
}

const mutations: Readonly<Record<string, (record: LockRecord) => LockRecord | null>> = {
  'a grant with an old token': (record) =>
    record.output?.kind === 'granted' && record.output.token > 8 && record.output.holdCount === 1
      ? { ...record, output: { ...record.output, token: 1 } }
      : null,
  'a hold counted wrongly': (record) =>
    record.output?.kind === 'granted'
      ? { ...record, output: { ...record.output, holdCount: 7 } }
      : null,
  'a release that is said to have failed': (record) =>
    record.output?.kind === 'released' ? { ...record, output: { kind: 'not-held' } } : null,
  'a refusal turned into a grant': (record) =>
    record.output?.kind === 'held'
      ? { ...record, output: { kind: 'granted', token: 10_000, holdCount: 1 } }
      : null,
  'a wrong answer about a token': (record) =>
    record.output?.kind === 'validity'
      ? { ...record, output: { kind: 'validity', valid: !record.output.valid } }
      : null,
  'a holder that is not there': (record) =>
    record.output?.kind === 'holders'
      ? {
          ...record,
          output: { kind: 'holders', holders: [{ session: 999, token: 1, holdCount: 1 }] },
        }
      : null,
};

describe('random histories', () => {
  it('passes those of a correct service, whatever got lost', () => {
    for (const seed of seeds) expect(judge(makeHistory(seed).history), `seed ${seed}`).toBeNull();
  });

  it.each(Object.entries(mutations))('catches %s', (_, change) => {
    let made = 0;
    let caught = 0;
    for (const seed of seeds) {
      const mutated = mutate(makeHistory(seed).history, seed, change);
      if (mutated === null) continue;
      made += 1;
      if (judge(mutated) !== null) caught += 1;
    }
    expect(made).toBeGreaterThan(20);
    // A mutation may happen to give another correct history.
    expect(caught).toBeGreaterThan(made * 0.8);
  });

  it('decides 5 clients per key at a rate that fits a simulation', () => {
    const { history } = makeHistory(7, 5, 6_000);
    const startedMs = performance.now();
    expect(judge(history)).toBeNull();
    const perSecond = history.records.length / ((performance.now() - startedMs) / 1_000);
    // Thousands where it's busy, some hundred thousand where it isn't; see the README.
    expect(perSecond).toBeGreaterThan(1_000);
  });
});
