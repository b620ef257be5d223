/** Thrown where the program itself is wrong. Never caught in order to go on. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Ends the caller with an AssertionError unless the condition holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the default of an exhaustive switch: compiles only when every case is handled. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}

/** The value, or an AssertionError that names what is missing. */
export function required<Value>(value: Value | null | undefined, name: string): Value {
  assert(value !== null && value !== undefined, `${name} is missing`);
  return value;
}
