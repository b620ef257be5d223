/** Reads a JSON body. What its values may not hold is the matter of unsafe-parts.ts. */
import { fail, ok, type Result } from '@windlass/base';
import { WindlassError } from '@windlass/errors';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The value of a body; undefined for an empty one. Fails with `malformed-body`. */
export function readJsonBody(bytes: Uint8Array): Result<unknown, WindlassError> {
  if (bytes.length === 0) return ok(undefined);
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    // The decoder throws a TypeError; a parser's message would repeat what was sent.
    const expected = error instanceof SyntaxError ? 'valid JSON' : 'valid UTF-8 text';
    return fail(
      new WindlassError('malformed-body', `The body is not ${expected}.`, { cause: error }),
    );
  }
  return ok(value);
}
