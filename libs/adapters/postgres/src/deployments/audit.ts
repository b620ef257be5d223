/** Adds to the audit trail what changed no row: refusals, reads of logs. */
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { AuditRecord } from './contract.ts';

export async function audit(
  { pool }: Postgres,
  entry: Omit<AuditRecord, 'id' | 'at'>,
): Promise<void> {
  await query(pool, auditStatement, [
    entry.userId,
    entry.role,
    entry.action,
    entry.target,
    entry.revision,
    entry.outcome,
    entry.remoteAddress,
  ]);
}

const auditStatement: Statement = {
  name: 'audit',
  text: `
INSERT INTO audit_log (user_id, role, action, target, revision, outcome, remote_address)
VALUES ($1, $2, $3, $4, $5, $6, $7)`,
};
