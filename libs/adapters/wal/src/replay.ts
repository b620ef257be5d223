/** What the records of a log add up to. */
import type { Entry, HardState } from '@windlass/raft';
import type { RecordContent } from './batch-codec.ts';
import type { LogPlace } from './segment-header.ts';

export class Replay {
  #hardState: HardState;
  /** What the log begins after. */
  #base: LogPlace;
  #entries: Entry[] = [];
  #installed: LogPlace | null = null;

  constructor(base: LogPlace, hardState: HardState) {
    this.#base = base;
    this.#hardState = hardState;
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get base(): LogPlace {
    return this.#base;
  }

  /** The newest snapshot that took the place of the log. */
  get installed(): LogPlace | null {
    return this.#installed;
  }

  get last(): LogPlace {
    const newest = this.#entries.at(-1);
    return newest === undefined ? this.#base : { index: newest.index, term: newest.term };
  }

  /** Says what doesn't fit, or null. */
  apply(content: RecordContent): string | null {
    if (content.hardState !== null) this.#hardState = content.hardState;
    if (content.install !== null) {
      this.#base = content.install;
      this.#installed = content.install;
      this.#entries = [];
    }
    const first = content.entries[0];
    if (first === undefined) return null;
    const { index: baseIndex } = this.#base;
    const lastIndex = this.last.index;
    if (first.index <= baseIndex || first.index > lastIndex + 1) {
      return `entry ${first.index} doesn't follow a log of (${baseIndex}, ${lastIndex}]`;
    }
    this.#entries.length = first.index - baseIndex - 1;
    for (const entry of content.entries) this.#entries.push(entry);
    return null;
  }

  /** Term of the entry at an index of the log, or of its base; null outside of them. */
  termAt(index: number): number | null {
    if (index === this.#base.index) return this.#base.term;
    return this.#entries[index - this.#base.index - 1]?.term ?? null;
  }

  entriesAfter(index: number): readonly Entry[] {
    const count = index - this.#base.index;
    return count <= 0 ? this.#entries : this.#entries.slice(count);
  }
}
