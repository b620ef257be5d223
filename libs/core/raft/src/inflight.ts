/**
 * Append messages that one follower hasn't answered yet, as a ring: the last index and the bytes of
 * each, oldest first. Bounded by count and by bytes.
 */
export class InflightWindow {
  readonly #messagesMax: number;
  readonly #bytesMax: number;
  readonly #lastIndexes: number[] = [];
  readonly #bytes: number[] = [];
  #start = 0;
  #count = 0;
  #bytesTotal = 0;

  constructor(messagesMax: number, bytesMax: number) {
    this.#messagesMax = messagesMax;
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#count;
  }

  full(): boolean {
    return this.#count >= this.#messagesMax || this.#bytesTotal >= this.#bytesMax;
  }

  add(lastIndex: number, bytes: number): void {
    const slot = (this.#start + this.#count) % this.#messagesMax;
    this.#lastIndexes[slot] = lastIndex;
    this.#bytes[slot] = bytes;
    this.#count += 1;
    this.#bytesTotal += bytes;
  }

  /** The follower has everything up to an index. */
  freeUpTo(index: number): void {
    while (this.#count > 0 && (this.#lastIndexes[this.#start] ?? 0) <= index) this.freeOldest();
  }

  freeOldest(): void {
    if (this.#count === 0) return;
    this.#bytesTotal -= this.#bytes[this.#start] ?? 0;
    this.#start = (this.#start + 1) % this.#messagesMax;
    this.#count -= 1;
  }

  clear(): void {
    this.#start = 0;
    this.#count = 0;
    this.#bytesTotal = 0;
  }
}
