/**
 * Locks a request, so that one transaction at a time decides what becomes of it, and reads it as it
 * is then. The order of locks is the same everywhere: request, user, identifier.
 */
import { isUuid, required } from '@windlass/base';
import type { RequestState } from '@windlass/request-machine';
import { type Queryable, queryOne, type Statement } from '../query.ts';
import type { ChangeInput, RequestRecord, Scope } from './contract.ts';
import { requestById } from './get-request.ts';

export type LockedRequest = {
  readonly record: RequestRecord;
  /** The same as the machine sees it. */
  readonly state: RequestState;
  /** Replicas that count for the quota now. */
  readonly countedReplicas: number;
};

/** Null where the scope has no such request. Two statements: the second sees what the lock waited for. */
export async function lockRequest(
  client: Queryable,
  scope: Scope,
  target: ChangeInput['target'],
): Promise<LockedRequest | null> {
  const id = await lockTarget(client, scope, target);
  if (id === null) return null;
  const record = await requestById(client, id);
  const held = required(
    await queryOne<{ readonly open: number; readonly replicas: number | null }>(
      client,
      heldStatement,
      [record.identifier, id],
    ),
    'counts of a locked request',
  );
  const { type, status, deadLettered } = record;
  return {
    record,
    state: { type, status, deadLettered, openRevisions: held.open },
    countedReplicas: held.replicas ?? 0,
  };
}

async function lockTarget(
  client: Queryable,
  { userId }: Scope,
  target: ChangeInput['target'],
): Promise<string | null> {
  const lock = async (statement: Statement, name: string) =>
    (await queryOne<{ readonly id: string }>(client, statement, [name, userId]))?.id ?? null;
  if ('identifier' in target) return lock(lockByIdentifierStatement, target.identifier);
  if (isUuid(target.request)) {
    const byId = await lock(lockByIdStatement, target.request);
    if (byId !== null) return byId;
  }
  return userId === null ? null : lock(lockByRequestIdStatement, target.request);
}

const lockByIdStatement: Statement = {
  name: 'lock_request_by_id',
  text: `
SELECT id FROM deployment_requests
 WHERE id = $1 AND ($2::text IS NULL OR user_id = $2) FOR NO KEY UPDATE`,
};

const lockByRequestIdStatement: Statement = {
  name: 'lock_request_by_request_id',
  text: `
SELECT id FROM deployment_requests WHERE user_id = $2 AND request_id = $1 FOR NO KEY UPDATE`,
};

/** Also a released identifier's last request: it is deleted, which its owner may be told. */
const lockByIdentifierStatement: Statement = {
  name: 'lock_request_by_identifier',
  text: `
SELECT q.id
  FROM identifiers x
  JOIN deployment_requests q ON q.id = x.request_id
 WHERE x.identifier = $1 AND ($2::text IS NULL OR x.user_id = $2)
   FOR NO KEY UPDATE OF q`,
};

const heldStatement: Statement = {
  name: 'held_by_request',
  text: `
SELECT (SELECT count(*)::int FROM revisions r
         WHERE r.identifier = $1 AND r.status = 'OPEN' AND r.request_id = $2) AS open,
       (SELECT x.replicas FROM identifiers x
         WHERE x.identifier = $1 AND x.request_id = $2 AND x.released_at IS NULL) AS replicas`,
};
