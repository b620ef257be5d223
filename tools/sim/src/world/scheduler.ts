/**
 * Virtual time and the queue of what happens next. Nothing in a simulation knows another clock;
 * equal times run in the order in which they were asked for.
 */
import { assert } from '@windlass/base';

type Event = { readonly atMs: number; readonly order: number; readonly run: () => void };

export class Scheduler {
  #nowMs = 0;
  #order = 0;
  /** A binary heap: the earliest first. */
  readonly #heap: Event[] = [];

  /** Since the beginning of the run; fractions are possible. */
  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): void {
    assert(delayMs >= 0, 'time goes forward');
    this.#order += 1;
    this.#push({ atMs: this.#nowMs + delayMs, order: this.#order, run });
  }

  /** Runs all that is due up to a time, which then is the time. */
  runUntil(endMs: number): void {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.atMs > endMs) break;
      this.#pop();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    heap.push(event);
    let place = heap.length - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left === undefined) break;
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        child += 1;
        least = right;
      }
      if (isBefore(last, least)) break;
      heap[place] = least;
      place = child;
    }
    heap[place] = last;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
