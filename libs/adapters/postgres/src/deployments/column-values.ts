/** Values of columns as the types that they were written from. */
import { assert } from '@windlass/base';

/** The member of a union that a text column holds. CHECK constraints hold the column to the same values. */
export function oneOf<Value extends string>(
  values: Readonly<Record<string, Value>>,
  text: string,
): Value {
  const found = Object.values(values).find((value) => value === text);
  assert(found !== undefined, `a column holds ${text}, which no value of its type is`);
  return found;
}

/** What a jsonb column holds, which only this package writes, from the same type. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type
export function fromJson<Value>(json: unknown): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked when it was written
  return json as Value;
}

/** bigint columns: text from `pg`, bigint from Prisma. Ours stay far below 2^53. */
export type WholeNumber = string | bigint | number;
