/** The command line: npm run sim -- --scenario=raft --seed=42 --ticks=100000 */
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '@windlass/base';
import type { Bugs, Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

export type Options = {
  readonly scenarios: readonly Scenario[];
  readonly firstSeed: number;
  readonly seedsCount: number;
  readonly ticks: number;
  readonly bugs: Bugs;
  /** Ends after so long, however many seeds are left; null: all of them. */
  readonly secondsMax: number | null;
  /** Adds failing seeds to the file of the scenario, and replays that first. */
  readonly keepsSeeds: boolean;
};

const bugNames = ['voteTwice', 'sendBeforePersisting', 'grantToExpired'] as const;

export const usage = `npm run sim -- [--scenario=raft|locks|all] [--seed=1] [--seeds=1] [--ticks=10000]
  --seed     the first seed
  --seeds    how many, one after the other
  --ticks    virtual milliseconds with faults; a quiet time follows
  --bug      one of ${bugNames.join(', ')}: must be caught
  --seconds  ends after so many seconds, however many seeds are left
  --keep     adds failing seeds to tools/sim/seeds`;

export function parseOptions(args: readonly string[]): Result<Options, string> {
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string', default: 'all' },
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '1' },
        ticks: { type: 'string', default: '10000' },
        seconds: { type: 'string' },
        bug: { type: 'string' },
        keep: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  const name = String(values['scenario']);
  const chosen = name === 'all' ? [...scenarios.values()] : [scenarios.get(name)];
  const known = chosen.filter((scenario) => scenario !== undefined);
  if (known.length === 0) return fail(`there is no scenario ${name}`);
  const bug = bugNames.find((each) => each === values['bug']);
  if (values['bug'] !== undefined && bug === undefined) return fail(`unknown bug ${values['bug']}`);
  const numbers = ['seed', 'seeds', 'ticks', 'seconds'].map((each) => values[each] ?? '1');
  if (!numbers.every((each) => /^[1-9]\d{0,8}$/.test(String(each)))) {
    return fail('--seed, --seeds, --ticks and --seconds are whole numbers from 1');
  }
  const { seconds } = values;
  return ok({
    scenarios: known,
    firstSeed: Number(values['seed']),
    seedsCount: Number(values['seeds']),
    ticks: Number(values['ticks']),
    bugs: bug === undefined ? {} : { [bug]: true },
    secondsMax: seconds === undefined ? null : Number(seconds),
    keepsSeeds: values['keep'] === true,
  });
}
