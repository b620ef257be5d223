/** Keeps a claim while its worker is busy for longer than a lease. */
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { ClaimedRevision } from './contract.ts';

/** Extends the lease; false when the claim is lost. */
export async function renewClaim(
  { pool }: Postgres,
  claim: ClaimedRevision,
  leaseMs: number,
): Promise<boolean> {
  const rows = await query(pool, renewStatement, [
    claim.identifier,
    claim.revision,
    claim.attempt,
    leaseMs,
  ]);
  return rows.length > 0;
}

const renewStatement: Statement = {
  name: 'renew_claim',
  text: `
UPDATE revisions
   SET claimed_until = now() + $4::double precision * interval '1 millisecond'
 WHERE identifier = $1 AND revision = $2 AND claims = $3 AND status = 'OPEN'
   AND claimed_by IS NOT NULL
RETURNING revision`,
};
