/** Pages of lists: one more row than asked for tells whether there is another page. */
import { isUuid } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import type { Page, PageInput, PageKey } from './contract.ts';

/** The page of rows that were read with `take: limit + 1`. @param key of the last item of a page */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit }: PageInput,
  item: (row: Row) => Item,
  key: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? pageKey(key(last)) : null;
  return { items: shown.map(item), next };
}

/** Every list here is in the order of one unique column, which is both parts of the key. */
function pageKey(id: string): PageKey {
  return { after: id, id };
}

/** @throws `invalid-cursor` where the key isn't one of this list's */
export function afterUuid({ after }: PageInput): string | null {
  if (after !== null && !isUuid(after.id)) throw invalidCursor();
  return after?.id ?? null;
}

/** @throws `invalid-cursor` where the key isn't one of this list's */
export function afterNumber({ after }: PageInput): bigint | null {
  if (after === null) return null;
  if (!/^\d{1,18}$/.test(after.id)) throw invalidCursor();
  return BigInt(after.id);
}

function invalidCursor(): WindlassError {
  return new WindlassError('invalid-cursor', 'the cursor is not one of this list');
}
