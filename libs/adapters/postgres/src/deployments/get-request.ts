/** One request with its newest revision. */
import { isUuid, required } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import { type Queryable, queryOne, type Statement } from '../query.ts';
import type { RequestRecord, Scope } from './contract.ts';
import { type RequestRow, requestColumns, requestRecord } from './records.ts';

/**
 * By the request's id, else by the caller's own request id. An id given as a request id by somebody
 * else finds nothing: request ids are looked up within the scope's user only.
 */
export async function getRequest(
  { pool }: Postgres,
  { userId }: Scope,
  idOrRequestId: string,
): Promise<RequestRecord | null> {
  if (isUuid(idOrRequestId)) {
    const byId = await queryOne<RequestRow>(pool, inScopeStatement, [idOrRequestId, userId]);
    if (byId !== null) return requestRecord(byId);
  }
  if (userId === null) return null;
  const own = await queryOne<RequestRow>(pool, byRequestIdStatement, [userId, idOrRequestId]);
  return own === null ? null : requestRecord(own);
}

/** The request, which must exist: only for ids that come from rows. */
export async function requestById(target: Queryable, id: string): Promise<RequestRecord> {
  const row = await queryOne<RequestRow>(target, byIdStatement, [id]);
  return requestRecord(required(row, `request ${id}`));
}

const byIdStatement: Statement = {
  name: 'request_by_id',
  text: `SELECT ${requestColumns} FROM request_records WHERE id = $1`,
};

const inScopeStatement: Statement = {
  name: 'request_in_scope',
  text: `
SELECT ${requestColumns} FROM request_records
 WHERE id = $1 AND ($2::text IS NULL OR user_id = $2)`,
};

const byRequestIdStatement: Statement = {
  name: 'request_by_request_id',
  text: `SELECT ${requestColumns} FROM request_records WHERE user_id = $1 AND request_id = $2`,
};
