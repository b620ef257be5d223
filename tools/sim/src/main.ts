/** `npm run sim`: runs scenarios from seeds, and says which seed breaks what. */
import { keepSeed, readKeptSeeds } from './kept-seeds.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { addFigures, describeFailure, showFigures } from './report.ts';
import { runSeed } from './run-seed.ts';
import type { Scenario } from './scenario.ts';

const progressEveryMs = 5_000;
/** One failure is enough to work on; some more show whether they are the same. */
const failuresMax = 3;

const parsed = parseOptions(process.argv.slice(2));
if (!parsed.ok) {
  console.error(`${parsed.error}\n\n${usage}`);
  process.exit(2);
}
const { value: options } = parsed;
const isHunt = Object.keys(options.bugs).length > 0;
const failures = options.scenarios.map((scenario) => runScenario(scenario, options));
const failed = failures.reduce((sum, count) => sum + count, 0);
// A bug on purpose has to be caught.
process.exitCode = failed > 0 === isHunt ? 0 : 1;

/** How many seeds failed. */
function runScenario(scenario: Scenario, { bugs, ...options }: Options): number {
  const { firstSeed, keepsSeeds, seedsCount, ticks } = options;
  const startedMs = performance.now();
  const endMs = startedMs + (options.secondsMax ?? Number.POSITIVE_INFINITY) * 1_000;
  const kept = isHunt || seedsCount === 1 ? [] : readKeptSeeds(scenario.name);
  const drawn = Array.from({ length: seedsCount }, (_, place) => ({
    seed: firstSeed + place,
    ticks,
  }));
  const figures = new Map<string, number>();
  let shownMs = startedMs;
  let done = 0;
  let failed = 0;
  for (const { seed, ticks: seedTicks } of [...kept, ...drawn]) {
    const outcome = runSeed(scenario, seed, { ticks: seedTicks, bugs });
    done += 1;
    if (outcome.ok) addFigures(figures, outcome.figures);
    else {
      failed += 1;
      console.log(describeFailure(outcome.failure, bugs));
      if (keepsSeeds && !isHunt) keepSeed(outcome.failure);
      if (failed >= (isHunt ? 1 : failuresMax)) break;
    }
    const nowMs = performance.now();
    if (nowMs > endMs) break;
    if (nowMs - shownMs < progressEveryMs) continue;
    shownMs = nowMs;
    console.log(
      `${scenario.name}: ${done} of ${kept.length + drawn.length} seeds, ${failed} failed`,
    );
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(
    `${scenario.name}: ${done} seeds of ${ticks} ticks in ${seconds} s, ${failed} failed; ${showFigures(figures)}`,
  );
  return failed;
}
