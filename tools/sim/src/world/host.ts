/**
 * A machine on which one process runs: its clock drifts, it may be paused (it then does nothing,
 * and goes on with all of it late), and it crashes and starts again. Whatever is to happen in the
 * process goes through `run`, so that a crash forgets it and a pause delays it.
 */
import type { Random } from '@windlass/base';
import type { Scheduler } from './scheduler.ts';

/** A machine that is paused for longer is taken as dead; its sockets hold no more. */
const delayedMax = 20_000;

export class Host {
  readonly #scheduler: Scheduler;
  /** Seconds of its clock for one true second. */
  readonly #rate: number;
  readonly #offsetMs: number;
  /** Counts starts; what belongs to an earlier one is dropped. */
  #incarnation = 0;
  #isUp = false;
  #isPaused = false;
  #delayed: (() => void)[] = [];

  /** @param driftMax part of a second that the clock is wrong by, each second, at most */
  constructor(scheduler: Scheduler, random: Random, driftMax: number) {
    this.#scheduler = scheduler;
    this.#rate = 1 + driftMax * (2 * random.next() - 1);
    this.#offsetMs = random.integer(0, 1_000_000);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Its own monotonic clock. */
  get clockMs(): number {
    return this.#offsetMs + this.#scheduler.nowMs * this.#rate;
  }

  /** How long a span of its clock truly takes. */
  trueMs(ownMs: number): number {
    return ownMs / this.#rate;
  }

  start(): void {
    this.#isUp = true;
    this.#incarnation += 1;
  }

  crash(): void {
    this.#isUp = false;
    this.#isPaused = false;
    this.#delayed = [];
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    const delayed = this.#delayed;
    this.#delayed = [];
    for (const run of delayed) this.run(run);
  }

  /** Now, or when the pause ends, or never. */
  run(work: () => void): void {
    if (!this.#isUp) return;
    if (!this.#isPaused) work();
    else if (this.#delayed.length < delayedMax) this.#delayed.push(work);
  }

  /** After a span of its own clock, in this incarnation. */
  after(ownMs: number, work: () => void): void {
    const incarnation = this.#incarnation;
    this.#scheduler.after(this.trueMs(ownMs), () => {
      if (this.#incarnation === incarnation) this.run(work);
    });
  }
}
