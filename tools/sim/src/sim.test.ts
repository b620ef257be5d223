import { describe, expect, it } from 'vitest';
import { parseKeptSeeds, readKeptSeeds } from './kept-seeds.ts';
import { parseOptions } from './options.ts';
import { runSeed, type SeedOutcome } from './run-seed.ts';
import type { Bugs, Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

/** Enough for some elections, crashes and snapshots; thousands of seeds are a step of their own. */
const ticks = 3_000;

/** An expiry of somebody who waits needs time. */
const longTicks = 10_000;

/** The seeds within which each bug must be caught; beyond it the simulation doesn't bite. */
const seedsForBug: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  raft: { voteTwice: 40, sendBeforePersisting: 5 },
  locks: { voteTwice: 20, sendBeforePersisting: 5, grantToExpired: 10 },
};

function* outcomes(scenario: Scenario, count: number, bugs: Bugs = {}): Generator<SeedOutcome> {
  const options = { ticks: bugs.grantToExpired === true ? longTicks : ticks, bugs };
  for (let seed = 1; seed <= count; seed += 1) yield runSeed(scenario, seed, options);
}

function seedsOf(name: string): number {
  return name === 'raft' ? 16 : 6;
}

describe.each([...scenarios])('the scenario %s', (name, scenario) => {
  it('holds for some dozen seeds, and does something in each', () => {
    for (const outcome of outcomes(scenario, seedsOf(name))) {
      if (!outcome.ok) throw new Error(`${outcome.failure.seed}: ${outcome.failure.message}`);
      expect(Math.min(...Object.values(outcome.figures))).toBeGreaterThanOrEqual(0);
      expect(Math.max(...Object.values(outcome.figures))).toBeGreaterThan(100);
    }
  });

  it('gives the same run for the same seed', () => {
    const first = runSeed(scenario, 5, { ticks, bugs: {} });
    expect(runSeed(scenario, 5, { ticks, bugs: {} })).toEqual(first);
  });

  it.each(scenario.bugs)('catches the bug %s', (bug) => {
    const count = seedsForBug[name]?.[bug] ?? 0;
    let isCaught = false;
    for (const outcome of outcomes(scenario, count, { [bug]: true })) {
      isCaught = !outcome.ok;
      if (isCaught) break;
    }
    expect(isCaught, `within ${count} seeds`).toBe(true);
  });

  it('keeps failing seeds in a file that can be read', () => {
    expect(readKeptSeeds(name)).toBeInstanceOf(Array);
  });
});

describe('the command line', () => {
  it('takes all scenarios, one seed and no bug by default', () => {
    const parsed = parseOptions([]);
    expect(parsed).toMatchObject({ ok: true, value: { firstSeed: 1, seedsCount: 1, bugs: {} } });
  });

  it.each([['--scenario=none'], ['--seed=x'], ['--ticks=0'], ['--bug=none'], ['--unknown']])(
    'refuses %s',
    (argument) => {
      expect(parseOptions([argument]).ok).toBe(false);
    },
  );

  it('reads kept seeds, without comments, and refuses anything else', () => {
    expect(parseKeptSeeds('# why\n42 10000 # election safety\n\n')).toEqual([
      { seed: 42, ticks: 10_000 },
    ]);
    expect(() => parseKeptSeeds('42')).toThrow('not a kept seed');
  });
});
