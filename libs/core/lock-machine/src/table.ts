/**
 * A map in many parts. One Map of a million entries stands still for more than 50 ms whenever it
 * grows; a part of it holds a thousand or two and grows in microseconds. The order within a part
 * depends on history, so nothing that can be seen may depend on it.
 */
/** A power of two. 2,000,000 locks make parts of 2,000. */
const partCount = 1_024;

export class Table<Key extends string | number, Value> {
  readonly partCount = partCount;
  /** Null until something is in it: most machines of tests and of small clusters stay small. */
  readonly #parts: (Map<Key, Value> | null)[] = [];
  readonly #hash: (key: Key) => number;
  #size = 0;

  constructor(hash: (key: Key) => number) {
    for (let index = 0; index < partCount; index += 1) this.#parts.push(null);
    this.#hash = hash;
  }

  get size(): number {
    return this.#size;
  }

  get(key: Key): Value | undefined {
    return this.#parts[this.#partOf(key)]?.get(key);
  }

  /** The key must be new. */
  add(key: Key, value: Value): void {
    const index = this.#partOf(key);
    const part = this.#parts[index] ?? new Map<Key, Value>();
    this.#parts[index] = part;
    part.set(key, value);
    this.#size += 1;
  }

  delete(key: Key): void {
    if (this.#parts[this.#partOf(key)]?.delete(key) === true) this.#size -= 1;
  }

  /** The values of one part, from 0 to partCount - 1. */
  part(index: number): Iterable<Value> {
    return this.#parts[index]?.values() ?? [];
  }

  *values(): Generator<Value> {
    for (const part of this.#parts) if (part !== null) yield* part.values();
  }

  #partOf(key: Key): number {
    return this.#hash(key) & (partCount - 1);
  }
}

/** FNV-1a over UTF-16 code units, with its upper bits folded into the lower ones. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

/** Ids are random: their low bits serve as they are. */
export function hashId(id: number): number {
  return id | 0;
}
