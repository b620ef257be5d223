/** Keeps a message that was given up and belongs to no revision that could be read from it. */
import { newUuid } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { DeadLetterInput } from './contract.ts';
import { boundedMessage } from './text.ts';

export async function recordDeadLetter({ pool }: Postgres, letter: DeadLetterInput): Promise<void> {
  await query(pool, recordStatement, [
    newUuid(),
    letter.deduplicationId,
    letter.stream,
    letter.subject,
    Buffer.from(letter.payload),
    boundedMessage(letter.reason),
    letter.attempts,
  ]);
}

const recordStatement: Statement = {
  name: 'record_dead_letter',
  text: `
INSERT INTO dead_letters (id, deduplication_id, stream, subject, payload, reason, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (deduplication_id) DO NOTHING`,
};
