/** The dead letters that wait: neither replayed nor dropped. Newest first. */
import type { Postgres } from '../connect.ts';
import type { DeadLetterRecord, Page, PageInput, Scope } from './contract.ts';
import { deadLetterRecord } from './dead-letter-record.ts';
import { afterUuid, pageOf } from './pages.ts';

export async function listDeadLetters(
  { prisma }: Postgres,
  { userId }: Scope,
  page: PageInput,
): Promise<Page<DeadLetterRecord>> {
  const after = afterUuid(page);
  const rows = await prisma.deadLetter.findMany({
    where: {
      replayedRevision: null,
      droppedAt: null,
      ...(userId === null ? {} : { userId }),
      ...(after === null ? {} : { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  });
  return pageOf(rows, page, deadLetterRecord, ({ id }) => id);
}
