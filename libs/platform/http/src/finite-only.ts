/**
 * Texts that become no number: ajv turns `limit=1e400` into Infinity, and holds a schema's bounds
 * against finite numbers only. Bodies need no such care: unsafe-parts.ts refuses their numbers.
 */
import type { ErrorObject, ValidateFunction } from 'ajv';

/** The validator, with an error for each number that is beyond a double. */
export function finiteOnly(validate: ValidateFunction): ValidateFunction {
  const check = (part: unknown): part is unknown => {
    const isValid = validate(part);
    const infinite = infiniteErrors(part);
    // A part is validated again for a complete answer: ajv then says of Infinity that it's no number.
    const named = new Set(infinite.map(({ instancePath }) => instancePath));
    const others = (validate.errors ?? []).filter(({ instancePath }) => !named.has(instancePath));
    guarded.errors = [...others, ...infinite];
    return isValid && infinite.length === 0;
  };
  const { schema, schemaEnv } = validate;
  const guarded: ValidateFunction = Object.assign(check, { schema, schemaEnv });
  return guarded;
}

/** Queries, paths and headers are flat: names with a value or a list of values. */
function infiniteErrors(part: unknown): readonly ErrorObject[] {
  if (typeof part !== 'object' || part === null) return [];
  const members: readonly (readonly [string, unknown])[] = Object.entries(part);
  return members.flatMap(([name, value]) => {
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (isInfinite(value)) return [infiniteError(pointer)];
    if (!Array.isArray(value)) return [];
    const items: readonly unknown[] = value;
    return items.flatMap((item, at) =>
      isInfinite(item) ? [infiniteError(`${pointer}/${at}`)] : [],
    );
  });
}

function isInfinite(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

function infiniteError(instancePath: string): ErrorObject {
  return {
    instancePath,
    schemaPath: '#/finite',
    keyword: 'finite',
    params: {},
    message: 'is too large a number',
  };
}
