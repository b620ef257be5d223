/** All scenarios, by name. */
import { lockScenario } from './locks/lock-scenario.ts';
import { raftScenario } from './raft/raft-scenario.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: ReadonlyMap<string, Scenario> = new Map(
  [raftScenario, lockScenario].map((scenario) => [scenario.name, scenario]),
);
