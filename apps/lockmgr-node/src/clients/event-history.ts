/**
 * The newest events of this node, so that a watch can resume where it was broken off. Bounded: who
 * comes too late is told of the gap.
 */
import type { IndexedEvents } from '@windlass/lock-replica';

/** Entries that are kept: some seconds of a busy cluster, hours of a quiet one. */
const entriesMax = 10_000;

export class EventHistory {
  #kept: IndexedEvents[] = [];
  /** Events after this index are all kept. */
  #completeAfter: number;

  /** @param appliedIndex what is applied at the start; nothing before it is known */
  constructor(appliedIndex: number) {
    this.#completeAfter = appliedIndex;
  }

  add(events: IndexedEvents): void {
    this.#kept.push(events);
    if (this.#kept.length < 2 * entriesMax) return;
    this.#kept = this.#kept.slice(-entriesMax);
    const first = this.#kept[0];
    if (first !== undefined) this.#completeAfter = first.index - 1;
  }

  /** The state was replaced by a snapshot: what lies between isn't known. */
  reset(appliedIndex: number): void {
    this.#kept = [];
    this.#completeAfter = appliedIndex;
  }

  /** What happened after an index, and whether some of it is lost. */
  after(index: number): { readonly gap: boolean; readonly events: readonly IndexedEvents[] } {
    const gap = index < this.#completeAfter;
    return { gap, events: this.#kept.filter((events) => events.index > index) };
  }
}
