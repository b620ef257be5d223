/** Prisma's rows of dead letters as records. */
import type { DeadLetterModel } from '../generated/models/DeadLetter.ts';
import type { DeadLetterRecord } from './contract.ts';

export function deadLetterRecord(row: DeadLetterModel): DeadLetterRecord {
  return {
    id: row.id,
    userId: row.userId,
    identifier: row.identifier,
    request: row.requestId,
    revision: row.revision === null ? null : Number(row.revision),
    subject: row.subject,
    reason: row.reason,
    attempts: row.attempts,
    payload: row.payload,
    createdAt: row.createdAt,
    replayedRevision: row.replayedRevision === null ? null : Number(row.replayedRevision),
    droppedAt: row.droppedAt,
  };
}
