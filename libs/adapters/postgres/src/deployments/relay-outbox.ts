/**
 * Hands unsent outbox rows to the publisher. Several relays may run: a row is locked by one of them
 * from before it is published until it is marked, so that two that run never send the same row. A relay
 * that dies in between leaves the row unsent; the stream drops the repetition by its id.
 */
import type { Postgres } from '../connect.ts';
import { inTransaction, query, type Statement } from '../query.ts';
import type { DeploymentStore, OutboxRow } from './contract.ts';

type Publish = Parameters<DeploymentStore['relayOutbox']>[1];

/** The transaction is open while it publishes: `publish` must have a deadline of some seconds. */
export function relayOutbox(
  { pool }: Postgres,
  limit: number,
  publish: Publish,
): Promise<{ readonly locked: number; readonly sent: number }> {
  return inTransaction(pool, async (client) => {
    const rows = await query<UnsentRow>(client, unsentStatement, [limit]);
    if (rows.length === 0) return { locked: 0, sent: 0 };
    const locked = new Set(rows.map(({ id }) => id));
    const sentIds = (await publish(rows.map(outboxRow))).filter((id) => locked.has(id));
    const sent = await query(client, markStatement, [sentIds]);
    return { locked: rows.length, sent: sent.length };
  });
}

type UnsentRow = Omit<OutboxRow, 'revision'> & { readonly revision: string };

function outboxRow(row: UnsentRow): OutboxRow {
  return { ...row, revision: Number(row.revision) };
}

/** Ids are made from the time, so that the oldest come first. */
const unsentStatement: Statement = {
  name: 'unsent_outbox',
  text: `
SELECT id, identifier, request_id AS request, revision, traceparent, created_at AS "createdAt"
  FROM outbox
 WHERE sent_at IS NULL
 ORDER BY id
 LIMIT $1
   FOR UPDATE SKIP LOCKED`,
};

const markStatement: Statement = {
  name: 'mark_outbox_sent',
  text: `
UPDATE outbox SET sent_at = clock_timestamp()
 WHERE id = ANY($1::uuid[]) AND sent_at IS NULL
RETURNING id`,
};
