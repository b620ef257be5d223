/** The building blocks of the API's schemas: texts, names and times, each with its bounds. */
import { type TUnsafe, Type } from 'typebox';

const labelPattern = '^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$';
const subdomainPattern = '^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$';
/** Visible ASCII: what fits into a header and a log line. */
const visiblePattern = '^[\\x21-\\x7e]+$';

export const requestIdLengthMax = 200;

/** Any text. NUL and halves of surrogate pairs are refused before, by the server for every body. */
export function text(description: string, maxLength: number, minLength = 0) {
  return Type.String({ description, minLength, maxLength });
}

/** An RFC 1123 label. */
export function label(description: string) {
  return Type.String({ description, minLength: 1, maxLength: 63, pattern: labelPattern });
}

/** An RFC 1123 subdomain: what most Kubernetes objects are called. */
export function subdomain(description: string) {
  return Type.String({ description, minLength: 1, maxLength: 253, pattern: subdomainPattern });
}

export function requestId(description: string) {
  return Type.String({
    description,
    minLength: 1,
    maxLength: requestIdLengthMax,
    pattern: visiblePattern,
  });
}

export function integer(description: string, minimum: number, maximum: number) {
  return Type.Integer({ description, minimum, maximum });
}

/** One of some texts. */
export function oneOf<const Value extends string>(
  description: string,
  values: readonly Value[],
): TUnsafe<Value> {
  return Type.Unsafe<Value>({ type: 'string', enum: [...values], description });
}

export function timestamp(description: string) {
  return Type.String({ description, format: 'date-time' });
}

export function nullableTimestamp(description: string): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'date-time',
    description,
  });
}

export function nullableText(description: string): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], description });
}

export function nullableInteger(description: string): TUnsafe<number | null> {
  return Type.Unsafe<number | null>({ type: ['integer', 'null'], description });
}

/** A named schema of the document, by its `$id`. */
export function reference<Value>(name: string): TUnsafe<Value> {
  return Type.Unsafe<Value>({ $ref: `${name}#` });
}

/** A page of a list. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type
export function pageOf<Item>(
  id: string,
  itemName: string,
): TUnsafe<{ items: Item[]; nextCursor: string | null }> {
  return Type.Unsafe<{ items: Item[]; nextCursor: string | null }>({
    $id: id,
    type: 'object',
    required: ['items', 'nextCursor'],
    properties: {
      items: { type: 'array', items: { $ref: `${itemName}#` } },
      nextCursor: {
        type: ['string', 'null'],
        description:
          'Send it as `cursor`, with the same filters, for the next page; null: the end.',
      },
    },
  });
}
