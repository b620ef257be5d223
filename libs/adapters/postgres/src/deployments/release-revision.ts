/** Gives a claim back after a passing error. */
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { ClaimedRevision, Failure } from './contract.ts';
import { boundedMessage, ownJson } from './text.ts';

/** Open again, not before the delay. False when the claim is lost. */
export async function releaseRevision(
  { pool }: Postgres,
  claim: ClaimedRevision,
  error: Failure,
  delayMs: number,
): Promise<boolean> {
  const rows = await query(pool, releaseStatement, [
    claim.identifier,
    claim.revision,
    claim.attempt,
    delayMs,
    ownJson({ code: error.code, message: boundedMessage(error.message) }),
  ]);
  return rows.length > 0;
}

const releaseStatement: Statement = {
  name: 'release_revision',
  text: `
UPDATE revisions
   SET claimed_by = NULL, claimed_until = NULL,
       not_before = now() + $4::double precision * interval '1 millisecond',
       error_code = $5::jsonb ->> 'code', error_message = $5::jsonb ->> 'message'
 WHERE identifier = $1 AND revision = $2 AND claims = $3 AND status = 'OPEN'
   AND claimed_by IS NOT NULL
RETURNING revision`,
};
