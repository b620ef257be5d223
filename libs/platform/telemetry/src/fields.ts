/**
 * Makes what a caller logs safe to write: bounded, plain JSON, without secrets. Keys that look
 * secret lose their value; addresses lose their user and password, wherever they stand.
 */

export type LogFields = Readonly<Record<string, unknown>>;

/** A plain value that JSON can hold. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** Deeper values are left out: a log line is for reading. */
const depthMax = 6;
/** Longer lists are cut, with how many were left out. */
const itemsMax = 50;
/** Objects with more keys are cut. */
const keysMax = 100;
/** Longer texts are cut: one line must not fill a disk. */
const textLengthMax = 8_192;
/** Longer chains of causes only come from loops. */
const causesMax = 8;
/** Frames beyond these belong to the runtime. */
const stackLinesMax = 20;

/** Properties that libraries put on errors and that say what went wrong. */
const errorDetailKeys = [
  'code',
  'errno',
  'syscall',
  'status',
  'reason',
  'severity',
  'fields',
] as const;

export const redacted = '[redacted]';

const secretKey =
  /pass(?:word|wd|phrase)|secret|token|authorization|cookie|credential|api_?key|private_?key|database_?url/i;
/** Names that only sound secret: a fencing token is a public, rising number. */
const publicKey = /^fencing_?token$/i;

/** True where the value under this key must not be written. */
export function isSecretKey(key: string): boolean {
  const name = key.replaceAll('-', '_');
  return secretKey.test(name) && !publicKey.test(name);
}

/** The text without what stands between `://` and `@` in addresses, and not too long. */
export function safeText(text: string): string {
  const cut = text.length > textLengthMax ? `${text.slice(0, textLengthMax)}…` : text;
  // Looked for first, as nearly no text has any: the replacement is the expensive part.
  if (!cut.includes('://')) return cut;
  return cut.replaceAll(/:\/\/[^\s/@]+@/g, '://***@');
}

/** A plain, bounded, redacted copy. */
export function plainFields(fields: LogFields): Record<string, Plain> {
  return plainObject(fields, 0);
}

function plainValue(value: unknown, depth: number): Plain {
  switch (typeof value) {
    case 'string':
      return safeText(value);
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : plainReference(value, depth);
    case 'undefined':
      return null;
    default:
      return `[${typeof value}]`;
  }
}

function plainReference(value: object, depth: number): Plain {
  if (depth >= depthMax) return '[deeper]';
  if (value instanceof Error) return plainError(value, depth, causesMax);
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return plainList(value, depth);
  if (value instanceof Set) return plainList([...value], depth);
  if (value instanceof Map) return plainObject(Object.fromEntries(value), depth);
  if (value instanceof URL) return safeText(value.href);
  return plainObject(value, depth);
}

function plainList(items: readonly unknown[], depth: number): Plain {
  const kept = items.slice(0, itemsMax).map((item) => plainValue(item, depth + 1));
  const left = items.length - kept.length;
  return left === 0 ? kept : [...kept, `[${left} more]`];
}

function plainObject(object: object, depth: number): Record<string, Plain> {
  const plain: Record<string, Plain> = {};
  let keys = 0;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(object);
  for (const [key, value] of entries) {
    if (value === undefined) continue;
    keys += 1;
    if (keys > keysMax) break;
    plain[key] = value !== null && isSecretKey(key) ? redacted : plainValue(value, depth + 1);
  }
  return plain;
}

/** How an error is logged: in full, with the chain of what caused it. */
function plainError(error: Error, depth: number, causesLeft: number): Record<string, Plain> {
  const plain: Record<string, Plain> = {
    name: error.name,
    message: safeText(error.message),
    stack: stackText(error),
  };
  for (const key of errorDetailKeys) {
    const value: unknown = Reflect.get(error, key);
    if (value !== undefined && value !== null) plain[key] = plainValue(value, depth + 1);
  }
  if (error instanceof AggregateError) plain['errors'] = plainValue(error.errors, depth + 1);
  if (error.cause === undefined || error.cause === null) return plain;
  if (causesLeft === 0) return { ...plain, cause: '[deeper]' };
  plain['cause'] =
    error.cause instanceof Error
      ? plainError(error.cause, depth, causesLeft - 1)
      : plainValue(error.cause, depth + 1);
  return plain;
}

function stackText(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const kept = frames.slice(0, stackLinesMax).map((line) => line.trim());
  return safeText(kept.join('\n'));
}
