/** Requests with their newest revision, newest request first: ids are made from the time. */
import type { Postgres } from '../connect.ts';
import type { Page, PageInput, RequestFilter, RequestRecord, Scope } from './contract.ts';
import { afterUuid, pageOf } from './pages.ts';
import { requestRecord } from './records.ts';

export async function listRequests(
  { prisma }: Postgres,
  scope: Scope,
  filter: RequestFilter,
  page: PageInput,
): Promise<Page<RequestRecord>> {
  const after = afterUuid(page);
  const { user, ...columns } = filter;
  const rows = await prisma.requestRow.findMany({
    where: {
      ...columns,
      AND: [
        scope.userId === null ? {} : { userId: scope.userId },
        user === undefined ? {} : { userId: user },
        after === null ? {} : { id: { lt: after } },
      ],
    },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  });
  return pageOf(rows, page, requestRecord, ({ id }) => id);
}
