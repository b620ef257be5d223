import { describe, expect, it } from 'vitest';
import type { RaftBugs } from './index.ts';
import { RandomRun } from './random-run.test-support.ts';

/** Enough for a few elections, a few changes of members and some dozen commits in each. */
const stepsPerRun = 2000;

/** Each seed is a whole life of a cluster. */
const seedsOfHealthyRuns = 300;

/** A deliberate fault must show within so many seeds. Of 1,000, at most 109 in a row missed one. */
const seedsOfFaultyRuns = 120;

describe('the properties of figure 3', () => {
  it(`hold in ${seedsOfHealthyRuns} random runs, and each of them goes on afterwards`, () => {
    let [committed, elections, reads] = [0, 0, 0];
    for (let seed = 0; seed < seedsOfHealthyRuns; seed += 1) {
      const run = new RandomRun(seed);
      try {
        run.run(stepsPerRun);
        const figures = run.settle();
        committed += figures.committed;
        elections += figures.elections;
        reads += figures.reads;
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    // A run in which nothing happens shows nothing.
    expect(committed / seedsOfHealthyRuns).toBeGreaterThan(8);
    expect(elections / seedsOfHealthyRuns).toBeGreaterThan(1);
    expect(reads).toBeGreaterThan(50);
  });

  it.each<[string, RaftBugs, RegExp]>([
    ['voting twice', { voteTwice: true }, /election safety/],
    ['sending before persisting', { sendBeforePersisting: true }, /safety|completeness|lost data/],
  ])(`catch %s within ${seedsOfFaultyRuns} seeds`, (_name, bugs, found) => {
    expect(firstFailure(bugs)).toMatch(found);
  });
});

function firstFailure(bugs: RaftBugs): string {
  for (let seed = 0; seed < seedsOfFaultyRuns; seed += 1) {
    try {
      new RandomRun(seed, bugs).run(stepsPerRun);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return 'nothing was found';
}
