/**
 * Opaque cursors of the lists. A cursor holds where a page ended and a fingerprint of the list, the
 * caller and the filters it was made for: used with anything else it is refused, so that a filter
 * can't change under it. It is not secret and grants nothing: rows are always scoped by the caller.
 */
import { hash } from 'node:crypto';
import { fail, ok, type Result } from '@windlass/base';
import type { PageKey } from '@windlass/postgres';

/** What a cursor is bound to. */
export type CursorBinding = {
  /** Name of the list, such as `requests`. */
  readonly list: string;
  /** The caller. */
  readonly userId: string;
  /** Every filter that the list knows; undefined where the caller gave none. */
  readonly filters: Readonly<Record<string, string | undefined>>;
};

export type CursorProblem = 'malformed' | 'other-list';

/** Longest cursor that is looked at: ids and positions are far shorter. */
export const cursorLengthMax = 512;

/** Positions are numbers or RFC 3339 times, ids are UUIDs or numbers: nothing else comes from us. */
const positionPattern = /^[0-9A-Za-z:.+_-]{1,64}$/;

export function encodeCursor(binding: CursorBinding, key: PageKey): string {
  const text = JSON.stringify([fingerprint(binding), key.after, key.id]);
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** The position inside a cursor, or why it can't be used here. */
export function decodeCursor(
  binding: CursorBinding,
  cursor: string,
): Result<PageKey, CursorProblem> {
  const parts = parse(cursor);
  if (parts === null) return fail('malformed');
  const [madeFor, after, id] = parts;
  if (madeFor !== fingerprint(binding)) return fail('other-list');
  return ok({ after, id });
}

function parse(cursor: string): readonly [string, string, string] | null {
  if (cursor.length > cursorLengthMax || !/^[\w-]+$/.test(cursor)) return null;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [madeFor, after, id] = value as readonly unknown[];
  if (typeof madeFor !== 'string' || typeof after !== 'string' || typeof id !== 'string') {
    return null;
  }
  return positionPattern.test(after) && positionPattern.test(id) ? [madeFor, after, id] : null;
}

function fingerprint(binding: CursorBinding): string {
  const filters = Object.entries(binding.filters)
    .filter(([, value]) => value !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const text = JSON.stringify([binding.list, binding.userId, filters]);
  return hash('sha256', text, 'base64url').slice(0, 22);
}
