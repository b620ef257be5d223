/**
 * The log in memory: what follows the newest compaction. It knows how far it is committed, handed
 * to the state machine, handed to the disk, and durable.
 *
 * Invariants: applied <= commit <= lastIndex; durable <= handedOut <= lastIndex; terms never fall
 * from one entry to the next; nothing at or below commit is ever replaced.
 *
 * Next: progress.ts.
 */
import { assert } from '@windlass/base';
import type { Entry, SnapshotDescription } from './types.ts';

/** What an entry costs beside its data, on the wire and in bounds. */
const entryOverheadBytes = 24;

/** What termAt says of an index that isn't in the log. */
export const unknownTerm = -1;

export function entryBytes(entry: Entry): number {
  return entry.data.length + entryOverheadBytes;
}

export class RaftLog {
  /** Last index known to be committed. */
  commit: number;
  /** Last index handed to the state machine. */
  applied: number;
  /** Last index that is durable on this node. */
  durable: number;
  #entries: Entry[];
  /** Index and term of the entry before the first one in memory. */
  #before: number;
  #termBefore: number;
  /** Last index that was given to the disk. */
  #handedOut: number;
  /** What `durable` becomes when the running write ends. */
  #writing: number;

  constructor(snapshot: SnapshotDescription | null, entries: readonly Entry[]) {
    this.#before = snapshot?.index ?? 0;
    this.#termBefore = snapshot?.term ?? 0;
    this.#entries = [];
    for (const entry of entries) this.append(entry);
    this.commit = this.#before;
    this.applied = this.#before;
    this.durable = this.lastIndex;
    this.#handedOut = this.lastIndex;
    this.#writing = this.lastIndex;
  }

  get firstIndex(): number {
    return this.#before + 1;
  }

  get lastIndex(): number {
    return this.#before + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#termBefore;
  }

  /** The term of an entry, also of the one before the first; unknownTerm outside of that. */
  termAt(index: number): number {
    if (index === this.#before) return this.#termBefore;
    return this.#entries[index - this.#before - 1]?.term ?? unknownTerm;
  }

  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, 'the log has no gaps');
    assert(entry.term >= this.lastTerm, 'terms never fall within a log');
    this.#entries.push(entry);
  }

  /** How many of the entries the log has already, in the same terms. */
  countKnown(entries: readonly Entry[]): number {
    for (let position = 0; position < entries.length; position += 1) {
      const entry = entries[position];
      if (entry === undefined) break;
      if (entry.index > this.#before && this.termAt(entry.index) !== entry.term) return position;
    }
    return entries.length;
  }

  /** Drops the entries from an index on. */
  truncateFrom(index: number): void {
    assert(index > this.commit, 'a committed entry is never replaced');
    this.#entries.length = index - this.#before - 1;
    this.durable = Math.min(this.durable, index - 1);
    this.#handedOut = Math.min(this.#handedOut, index - 1);
    this.#writing = Math.min(this.#writing, index - 1);
  }

  /** Replaces everything by a snapshot. Nothing counts as durable until that has been written. */
  restore(snapshot: SnapshotDescription): void {
    assert(snapshot.index > this.commit, 'a snapshot never takes the state back');
    this.#entries = [];
    this.#before = snapshot.index;
    this.#termBefore = snapshot.term;
    this.commit = snapshot.index;
    this.applied = snapshot.index;
    this.durable = 0;
    this.#handedOut = snapshot.index;
    this.#writing = 0;
  }

  /** Forgets the entries up to an index. */
  compact(index: number): void {
    assert(index <= this.applied, 'only what the state machine has is dropped');
    if (index <= this.#before) return;
    const term = this.termAt(index);
    this.#entries.splice(0, index - this.#before);
    this.#before = index;
    this.#termBefore = term;
  }

  /** True when it rose. */
  commitTo(index: number): boolean {
    if (index <= this.commit) return false;
    assert(
      index <= this.lastIndex,
      'only what the log holds is committed: has the disk lost data?',
    );
    this.commit = index;
    return true;
  }

  hasUnwritten(): boolean {
    return this.#handedOut < this.lastIndex;
  }

  /** The entries that the disk hasn't been given yet; they count as given from here on. */
  takeUnwritten(): readonly Entry[] {
    const entries = this.#entries.slice(this.#handedOut - this.#before);
    this.#handedOut = this.lastIndex;
    this.#writing = this.lastIndex;
    return entries;
  }

  /** The running write has ended. */
  written(): void {
    this.durable = Math.max(this.durable, this.#writing);
  }

  /** Committed entries for the state machine, at least one if there is one. */
  takeCommitted(bytesMax: number): readonly Entry[] {
    const first = this.applied + 1;
    const end = this.#endWithin(first, this.commit, bytesMax);
    this.applied = end - 1;
    return this.#entries.slice(first - this.#before - 1, end - this.#before - 1);
  }

  /** Entries from an index on, at least one if there is one. */
  entriesFrom(first: number, bytesMax: number): readonly Entry[] {
    const end = this.#endWithin(first, this.lastIndex, bytesMax);
    return this.#entries.slice(first - this.#before - 1, end - this.#before - 1);
  }

  /** Bytes of the entries after one index up to another. */
  bytesBetween(after: number, last: number): number {
    let bytes = 0;
    for (let index = Math.max(after, this.#before) + 1; index <= last; index += 1) {
      const entry = this.#entries[index - this.#before - 1];
      if (entry !== undefined) bytes += entryBytes(entry);
    }
    return bytes;
  }

  /**
   * The largest index not beyond the given one whose term isn't beyond the given one: the last
   * place where two logs may agree. By halving, since terms never fall.
   */
  lastIndexOfTermAtMost(index: number, term: number): number {
    if (index <= this.#before) return index;
    let low = this.#before;
    let high = Math.min(index, this.lastIndex);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.termAt(middle) <= term) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The index after the last entry that fits. */
  #endWithin(first: number, last: number, bytesMax: number): number {
    let bytes = 0;
    let index = first;
    while (index <= last) {
      const entry = this.#entries[index - this.#before - 1];
      if (entry === undefined) break;
      bytes += entryBytes(entry);
      if (bytes > bytesMax && index > first) break;
      index += 1;
    }
    return index;
  }
}
