/** One run of a scenario from one seed: figures, or what broke. */
import { AssertionError } from '@windlass/base';
import type { Figures, Scenario, ScenarioOptions } from './scenario.ts';
import { InvariantBroken, newWorld } from './world/world.ts';

export type Failure = {
  readonly scenario: string;
  readonly seed: number;
  readonly ticks: number;
  /** Virtual milliseconds at which it was noticed. */
  readonly atTick: number;
  readonly invariant: string;
  readonly message: string;
  /** Where it was thrown. */
  readonly stack: string;
  /** The newest last. */
  readonly events: readonly string[];
};

export type SeedOutcome =
  | { readonly ok: true; readonly figures: Figures }
  | { readonly ok: false; readonly failure: Failure };

export function runSeed(scenario: Scenario, seed: number, options: ScenarioOptions): SeedOutcome {
  const world = newWorld(scenario.name, seed);
  try {
    return { ok: true, figures: scenario.run(world, options) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      ok: false,
      failure: {
        scenario: scenario.name,
        seed,
        ticks: options.ticks,
        atTick: world.scheduler.nowMs,
        invariant: invariantOf(error),
        message: error.message,
        stack: error.stack ?? '',
        events: world.trace.lines(),
      },
    };
  }
}

/** The code under test asserts what it relies on, too. */
function invariantOf(error: Error): string {
  if (error instanceof InvariantBroken) return error.invariant;
  return error instanceof AssertionError ? 'assertion' : error.name;
}
