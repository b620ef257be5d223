/**
 * Configurations of the search: what may have taken effect so far, and the state that gives. A set
 * keeps only those that no other one outdoes: equal states, the same operations with an output, and
 * fewer of those without (which may still follow, but needn't).
 */

/** The order in which operations took effect, newest first. Shared between configurations. */
export type Path = { readonly operation: number; readonly before: Path | null };

export type Configuration<State> = {
  readonly state: State;
  /** Numbers of operations that took effect but haven't returned yet, sorted. */
  readonly early: readonly number[];
  /** Numbers of operations with unknown output that took effect, sorted. */
  readonly used: readonly number[];
  readonly path: Path | null;
};

export class ConfigurationSet<State> {
  readonly #key: (state: State) => string;
  readonly #byKey = new Map<string, Configuration<State>[]>();

  constructor(key: (state: State) => string) {
    this.#key = key;
  }

  /** False where a configuration is there that can do all that this one can. */
  add(configuration: Configuration<State>): boolean {
    const key = `${configuration.early.join(',')}|${this.#key(configuration.state)}`;
    const alike = this.#byKey.get(key);
    if (alike === undefined) {
      this.#byKey.set(key, [configuration]);
      return true;
    }
    if (alike.some((other) => isSubset(other.used, configuration.used))) return false;
    const left = alike.filter((other) => !isSubset(configuration.used, other.used));
    left.push(configuration);
    this.#byKey.set(key, left);
    return true;
  }

  values(): Configuration<State>[] {
    return [...this.#byKey.values()].flat();
  }
}

export function withNumber(sorted: readonly number[], added: number): readonly number[] {
  const place = sorted.findIndex((value) => value > added);
  return place === -1
    ? [...sorted, added]
    : [...sorted.slice(0, place), added, ...sorted.slice(place)];
}

function isSubset(part: readonly number[], whole: readonly number[]): boolean {
  if (part.length > whole.length) return false;
  let place = 0;
  for (const value of part) {
    while (place < whole.length && (whole[place] ?? 0) < value) place += 1;
    if (whole[place] !== value) return false;
    place += 1;
  }
  return true;
}
