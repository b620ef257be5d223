/** The newest events of a run, for whoever has to understand a failure. */

/** A failure is mostly understood from the last election or two. */
const keptMax = 120;

export class Trace {
  readonly #now: () => number;
  readonly #kept: (readonly [atMs: number, ...parts: (string | number)[]])[] = [];
  #place = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Parts are put together only when somebody reads them. */
  add(...parts: (string | number)[]): void {
    this.#kept[this.#place % keptMax] = [this.#now(), ...parts];
    this.#place += 1;
  }

  lines(): readonly string[] {
    const from = this.#place <= keptMax ? 0 : this.#place % keptMax;
    return [...this.#kept.slice(from), ...this.#kept.slice(0, from)].map(
      ([atMs, ...parts]) => `${atMs.toFixed(2).padStart(12)}  ${parts.join(' ')}`,
    );
  }
}
