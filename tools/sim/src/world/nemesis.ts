/**
 * What goes wrong, and when: drawn from the seed. Each run has some kinds of faults and not others
 * (so that rare ones aren't drowned by common ones), and each fault ends after a while.
 */
import { type Random, unreachable } from '@windlass/base';
import type { Endpoint, Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

export const FaultKind = {
  Crash: 'crash',
  CrashAll: 'crash-all',
  Pause: 'pause',
  Isolate: 'isolate',
  OneWay: 'one-way',
  Split: 'split',
  SlowLink: 'slow-link',
  SlowDisk: 'slow-disk',
  FullDisk: 'full-disk',
  Loss: 'loss',
  /** What the scenario adds of its own. */
  Special: 'special',
} as const;
export type FaultKind = (typeof FaultKind)[keyof typeof FaultKind];

/** What the nemesis may hurt. Stopping what is stopped, or mending what is whole, does nothing. */
export type Victims = {
  readonly network: Network;
  readonly endpoints: () => readonly Endpoint[];
  readonly nodes: () => readonly number[];
  readonly crash: (node: number) => void;
  readonly start: (node: number) => void;
  readonly pause: (node: number) => void;
  readonly resume: (node: number) => void;
  readonly slowDisk: (node: number, factor: number) => void;
  readonly fullDisk: (node: number, isFull: boolean) => void;
  /** One of the scenario's own faults. */
  readonly special: () => void;
};

const faultMaxMs = 4_000;
const pauseMaxMs = 3_000;

export class Nemesis {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #victims: Victims;
  readonly #kinds: readonly FaultKind[];
  readonly #meanMs: number;
  #isOver = false;

  constructor(parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly trace: Trace;
    readonly victims: Victims;
  }) {
    this.#scheduler = parts.scheduler;
    this.#random = parts.random;
    this.#trace = parts.trace;
    this.#victims = parts.victims;
    const all = Object.values(FaultKind);
    const drawn = all.filter(() => this.#random.chance(0.5));
    this.#kinds = drawn.length === 0 ? all : drawn;
    this.#meanMs = this.#random.pick([200, 500, 1_500]);
  }

  begin(): void {
    const delayMs = this.#random.integer(1, 2 * this.#meanMs);
    this.#scheduler.after(delayMs, () => {
      if (this.#isOver) return;
      this.#strike(this.#random.pick(this.#kinds));
      this.begin();
    });
  }

  /** Everything is whole again, and stays so. */
  end(): void {
    this.#isOver = true;
    const { network, nodes, ...victims } = this.#victims;
    network.heal();
    for (const node of nodes()) {
      victims.slowDisk(node, 1);
      victims.fullDisk(node, false);
      victims.resume(node);
      victims.start(node);
    }
  }

  #strike(kind: FaultKind): void {
    const { network, nodes, ...victims } = this.#victims;
    const random = this.#random;
    const node = random.pick(nodes());
    const lastsMs = random.integer(10, faultMaxMs);
    this.#trace.add('fault', kind, 'node', node, 'for', lastsMs);
    switch (kind) {
      case FaultKind.Crash:
        victims.crash(node);
        return this.#later(lastsMs, () => victims.start(node));
      case FaultKind.CrashAll:
        for (const each of nodes()) {
          victims.crash(each);
          this.#later(random.integer(10, faultMaxMs), () => victims.start(each));
        }
        return;
      case FaultKind.Pause:
        victims.pause(node);
        return this.#later(random.integer(10, pauseMaxMs), () => victims.resume(node));
      case FaultKind.Isolate:
        return this.#cut([node], lastsMs, true);
      case FaultKind.OneWay:
        return this.#cut([node], lastsMs, false);
      case FaultKind.Split:
        return this.#cut(
          nodes().filter(() => random.chance(0.5)),
          lastsMs,
          true,
        );
      case FaultKind.SlowLink: {
        const other = random.pick(nodes());
        network.slow(node, other, random.integer(5, 400));
        return this.#later(lastsMs, () => network.mend(node, other));
      }
      case FaultKind.SlowDisk:
        victims.slowDisk(node, random.pick([10, 100, 400]));
        return this.#later(lastsMs, () => victims.slowDisk(node, 1));
      case FaultKind.FullDisk:
        victims.fullDisk(node, true);
        return this.#later(lastsMs, () => {
          victims.fullDisk(node, false);
          victims.start(node);
        });
      case FaultKind.Loss: {
        const before = network.settings;
        network.settings = { ...before, lossRate: 0.3 * random.next(), duplicateRate: 0.1 };
        return this.#later(lastsMs, () => {
          network.settings = before;
        });
      }
      case FaultKind.Special:
        return victims.special();
      default:
        return unreachable(kind);
    }
  }

  /** Cuts a group from the rest; in one direction only, the one or the other. */
  #cut(group: readonly number[], lastsMs: number, bothWays: boolean): void {
    const { endpoints, network } = this.#victims;
    const rest = endpoints().filter((each) => !group.includes(each));
    const outward = bothWays || this.#random.chance(0.5);
    const inward = bothWays || !outward;
    for (const inside of group) {
      for (const outside of rest) {
        if (outward) network.cut(inside, outside);
        if (inward) network.cut(outside, inside);
      }
    }
    this.#later(lastsMs, () => {
      for (const inside of group) {
        for (const outside of rest) {
          network.mend(inside, outside);
          network.mend(outside, inside);
        }
      }
    });
  }

  #later(delayMs: number, mend: () => void): void {
    this.#scheduler.after(delayMs, () => {
      if (!this.#isOver) mend();
    });
  }
}
