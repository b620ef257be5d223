/** What all scenarios share: one root seed with a stream for each part, time, network, trace. */
import { type Random, seededRandom } from '@windlass/base';
import { Network } from './network.ts';
import { Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';

export type World = {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly trace: Trace;
};

export function newWorld(scenario: string, seed: number): World {
  const random = seededRandom(`${scenario}/${seed}`);
  const scheduler = new Scheduler();
  const shape = random.child('network-shape');
  const network = new Network(scheduler, random.child('network'), {
    latencyMinMs: shape.pick([0.1, 1, 5]),
    latencyMaxMs: shape.pick([5, 20, 60]),
    lossRate: shape.pick([0, 0, 0.01, 0.1]),
    duplicateRate: shape.pick([0, 0.05]),
  });
  return { random, scheduler, network, trace: new Trace(() => scheduler.nowMs) };
}

/** Something that must hold doesn't. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

export function mustHold(condition: boolean, invariant: string, message: () => string): void {
  if (!condition) throw new InvariantBroken(invariant, message());
}
