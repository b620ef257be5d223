/**
 * One page of locks in the order of their keys, found in slices while the machine goes on.
 *
 * The first slices look at every key and keep the smallest ones; the last ones make the views. So a
 * page is weakly consistent: a lock that was in use from the first slice to the last is on it,
 * unless the page is full of smaller keys; a lock that came or went in between may be on it or not;
 * each view is true of one moment during the scan; no key is there twice, also across pages.
 */
import { assert, required } from '@windlass/base';
import type { Lock } from './records.ts';
import type { State } from './state.ts';
import type { LockView } from './types.ts';
import { lockView } from './views.ts';

export class LockScan {
  readonly #state: State;
  readonly #prefix: string;
  readonly #afterKey: string;
  readonly #limit: number;
  /** The smallest keys so far, as a heap with the greatest at its root. At most `limit`. */
  readonly #heap: string[] = [];
  #part = 0;
  /** The keys of the page in order, once all parts have been looked at. */
  #keys: readonly string[] | null = null;
  #next = 0;
  readonly #views: LockView[] = [];

  constructor(state: State, prefix: string, afterKey: string, limit: number) {
    assert(limit > 0, 'a page of locks needs a limit');
    this.#state = state;
    this.#prefix = prefix;
    this.#afterKey = afterKey;
    this.#limit = limit;
  }

  /**
   * Looks at about so many records: one part of the table (a thousand or two), or one lock, more
   * than that at most. Null: there is more to do. Not to be called after the page was given.
   */
  step(recordsMax: number): readonly LockView[] | null {
    let left = recordsMax;
    while (left > 0 && this.#keys === null) left -= this.#lookAtPart();
    const keys = this.#keys;
    if (keys === null) return null;
    while (left > 0 && this.#next < keys.length) {
      const lock = this.#state.locks.get(required(keys[this.#next], 'the key'));
      this.#next += 1;
      left -= lock === undefined ? 1 : this.#show(lock);
    }
    return this.#next === keys.length ? this.#views : null;
  }

  #lookAtPart(): number {
    const { locks } = this.#state;
    if (this.#part === locks.partCount) {
      this.#keys = this.#heap.toSorted();
      return this.#heap.length;
    }
    let seen = 1;
    for (const { key } of locks.part(this.#part)) {
      seen += 1;
      if (key > this.#afterKey && key.startsWith(this.#prefix)) this.#offer(key);
    }
    this.#part += 1;
    return seen;
  }

  #show(lock: Lock): number {
    const view = lockView(lock);
    this.#views.push(view);
    return 1 + view.holderCount + view.waiters.length;
  }

  #offer(key: string): void {
    const heap = this.#heap;
    if (heap.length < this.#limit) {
      heap.push(key);
      siftUp(heap);
    } else if (key < required(heap[0], 'the root')) {
      heap[0] = key;
      siftDown(heap);
    }
  }
}

function siftUp(heap: string[]): void {
  let index = heap.length - 1;
  while (index > 0) {
    const parent = (index - 1) >>> 1;
    if (!swapIfGreater(heap, index, parent)) return;
    index = parent;
  }
}

function siftDown(heap: string[]): void {
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const isRight = right < heap.length && keyAt(heap, right) > keyAt(heap, left);
    const child = isRight ? right : left;
    if (!swapIfGreater(heap, child, index)) return;
    index = child;
  }
}

/** Swaps a child with its parent where it's the greater one. */
function swapIfGreater(heap: string[], child: number, parent: number): boolean {
  const below = keyAt(heap, child);
  const above = keyAt(heap, parent);
  if (below <= above) return false;
  heap[child] = above;
  heap[parent] = below;
  return true;
}

function keyAt(heap: readonly string[], index: number): string {
  return required(heap[index], 'the key');
}
