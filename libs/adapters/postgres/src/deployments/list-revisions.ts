/** The history of an identifier, newest first. */
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { Page, PageInput, RevisionRecord, Scope } from './contract.ts';
import { afterNumber, pageOf } from './pages.ts';
import { type RevisionRow, revisionColumns, revisionRecord } from './records.ts';

/** A user sees the revisions of its own requests only, also where others held the identifier before. */
export async function listRevisions(
  { pool }: Postgres,
  scope: Scope,
  identifier: string,
  page: PageInput,
): Promise<Page<RevisionRecord>> {
  const rows = await query<RevisionRow>(pool, revisionsStatement, [
    identifier,
    scope.userId,
    afterNumber(page),
    page.limit + 1,
  ]);
  return pageOf(rows, page, revisionRecord, ({ revision }) => String(revision));
}

const revisionsStatement: Statement = {
  name: 'list_revisions',
  text: `
SELECT ${revisionColumns}
  FROM revisions r
  JOIN deployment_requests q ON q.id = r.request_id
 WHERE r.identifier = $1 AND ($2::text IS NULL OR q.user_id = $2)
   AND ($3::bigint IS NULL OR r.revision < $3)
 ORDER BY r.revision DESC
 LIMIT $4`,
};
