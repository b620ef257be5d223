/** What a scenario is to the runner. */
import type { RaftBugs } from '@windlass/raft';
import type { World } from './world/world.ts';

/** Deliberate faults, which must be caught. */
export type Bugs = RaftBugs & {
  readonly grantToExpired?: boolean;
};

export type Scenario = {
  readonly name: string;
  /** Bugs that it is able to catch. */
  readonly bugs: readonly (keyof Bugs)[];
  /** @throws InvariantBroken, or whatever the code under test throws */
  readonly run: (world: World, options: ScenarioOptions) => Figures;
};

export type ScenarioOptions = {
  /** Virtual milliseconds with faults; a quiet time follows. */
  readonly ticks: number;
  readonly bugs: Bugs;
};

/** How much a run did, so that a run in which nothing happened is seen. */
export type Figures = Readonly<Record<string, number>>;
