/** One thing wrong with one field of a spec. */
export type SpecProblem = {
  /** Path from the spec's top, as the user wrote it: `ports[0].name`, `labels["a/b"]`. */
  readonly field: string;
  /** Continues the sentence that the field begins: `must be unique`. */
  readonly message: string;
  /** The bound that was broken, where there is one. */
  readonly limit?: number | string;
};

/** `labels` and `a.b/c` make `labels["a.b/c"]`. */
export function memberPath(parent: string, name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? `${parent}.${name}`
    : `${parent}[${JSON.stringify(name)}]`;
}

/** A problem for every item whose key stood before it in the list. Keys that are null never clash. */
export function duplicateProblems<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | null,
  fieldOf: (index: number) => string,
  what: string,
): readonly SpecProblem[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === null) return [];
    const repeated = seen.has(key);
    seen.add(key);
    return repeated ? [{ field: fieldOf(index), message: `repeats the ${what} ${key}` }] : [];
  });
}

/** A problem unless exactly one of the named members is set. */
export function exactlyOneProblem<Shape extends object>(
  value: Shape,
  members: readonly (keyof Shape & string)[],
  field: string,
): readonly SpecProblem[] {
  const set = members.filter((member) => value[member] !== undefined);
  if (set.length === 1) return [];
  const found = set.length === 0 ? 'none is' : `${set.join(' and ')} are`;
  return [{ field, message: `must set exactly one of ${members.join(', ')}; ${found} set` }];
}
