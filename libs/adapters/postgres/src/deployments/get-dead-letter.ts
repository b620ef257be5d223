/** One dead letter, also after it was replayed or dropped. */
import { isUuid } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import type { DeadLetterRecord, Scope } from './contract.ts';
import { deadLetterRecord } from './dead-letter-record.ts';

export async function getDeadLetter(
  { prisma }: Postgres,
  { userId }: Scope,
  id: string,
): Promise<DeadLetterRecord | null> {
  if (!isUuid(id)) return null;
  const row = await prisma.deadLetter.findFirst({
    where: { id: id.toLowerCase(), ...(userId === null ? {} : { userId }) },
  });
  return row === null ? null : deadLetterRecord(row);
}
