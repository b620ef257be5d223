/** A page of a list: from the caller's query to the store and back. */
import { WindlassError } from '@windlass/errors';
import type { Page, PageInput } from '@windlass/postgres';
import type { Caller } from '../auth/caller.ts';
import { type CursorBinding, decodeCursor, encodeCursor } from './cursor.ts';

export type ListQuery = { readonly limit?: number; readonly cursor?: string };

const limitDefault = 50;

/**
 * Reads one page.
 *
 * @param list name of the list, and what else its cursors are bound to (an identifier in the path)
 * @throws WindlassError `invalid-cursor`, `cursor-filter-mismatch`
 */
export async function answerPage<Row, Item>(options: {
  readonly list: string;
  readonly caller: Caller;
  readonly filters: CursorBinding['filters'];
  readonly query: ListQuery;
  readonly read: (page: PageInput) => Promise<Page<Row>>;
  readonly present: (row: Row) => Item;
}): Promise<{ items: Item[]; nextCursor: string | null }> {
  const { list, caller, filters, query } = options;
  // The role is part of it: an admin's list is another list.
  const binding = { list, userId: `${caller.role}:${caller.userId}`, filters };
  const after = query.cursor === undefined ? null : positionOf(binding, query.cursor);
  const page = await options.read({ limit: query.limit ?? limitDefault, after });
  return {
    items: page.items.map(options.present),
    nextCursor: page.next === null ? null : encodeCursor(binding, page.next),
  };
}

/** Only an admin may look at somebody else's rows. */
export function allowedUserFilter(caller: Caller, user: string | undefined): string | undefined {
  if (user === undefined || caller.role === 'admin') return user;
  if (user === caller.userId) return user;
  throw new WindlassError('forbidden', 'Only admins may list what belongs to other users.');
}

function positionOf(binding: CursorBinding, cursor: string) {
  const decoded = decodeCursor(binding, cursor);
  if (decoded.ok) return decoded.value;
  if (decoded.error === 'malformed') {
    throw new WindlassError('invalid-cursor', 'The cursor was not made by this list.', {
      fields: [{ field: 'query.cursor', message: 'must be the nextCursor of an earlier page' }],
    });
  }
  throw new WindlassError(
    'cursor-filter-mismatch',
    'The cursor was made with other filters, for another list or for another user.',
    {
      fields: [
        { field: 'query.cursor', message: 'must be used with the filters it was made with' },
      ],
    },
  );
}

/** The filters without those that the caller left out. */
export function definedOnly<Filters extends Readonly<Record<string, unknown>>>(
  filters: Filters,
): { [Name in keyof Filters]?: NonNullable<Filters[Name]> } {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets the names
  return Object.fromEntries(given) as { [Name in keyof Filters]?: NonNullable<Filters[Name]> };
}
