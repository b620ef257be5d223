/**
 * Does the newest revision once more, where the cluster shows an older state: a worker that had paused
 * wrote late. After a deletion the identifier is taken back until it is deleted again.
 */
import { next, Operation, RequestType } from '@windlass/request-machine';
import type { Postgres } from '../connect.ts';
import { inTransaction, queryOne, retryRaces, type Statement } from '../query.ts';
import type { Actor } from './contract.ts';
import { lockRequest } from './locked-request.ts';
import { openRevision } from './open-revision.ts';

/** Who it is in the audit trail when no person asked for something. */
const system: Actor = { userId: 'windlass', role: 'admin', remoteAddress: null };

export async function newerEndedRevision(
  { pool }: Postgres,
  namespace: string,
  identifier: string,
  observedRevision: number,
): Promise<number | null> {
  const row = await queryOne<{ readonly revision: string }>(pool, newerStatement, [
    identifier,
    namespace,
    observedRevision,
  ]);
  return row === null ? null : Number(row.revision);
}

const newerStatement: Statement = {
  name: 'newer_ended_revision',
  text: `
SELECT r.revision
  FROM identifiers x
  JOIN revisions r ON r.identifier = x.identifier AND r.revision = x.last_revision
 WHERE x.identifier = $1 AND x.namespace = $2 AND x.last_revision > $3::bigint
   AND r.status = 'SUCCESS'`,
};

export function reopenRevision(
  { pool }: Postgres,
  identifier: string,
  endedRevision: number,
  observedRevision: number,
): Promise<boolean> {
  return retryRaces(() =>
    inTransaction(pool, async (client) => {
      const locked = await lockRequest(client, { userId: null }, { identifier });
      if (locked === null || locked.record.revision !== endedRevision) return false;
      const moved = next(locked.state, { kind: 'reopened' });
      if (!moved.ok) return false;
      const opened = await openRevision(client, {
        request: locked.record,
        type: moved.value.type,
        operation: replayOperation(moved.value.type),
        spec: locked.record.spec,
        actor: system,
        action: 'request.reopen',
        outcome: `the cluster showed revision ${observedRevision}`,
        key: null,
        traceparent: null,
      });
      return opened !== null;
    }),
  );
}

/** A deletion that is done again is still a deletion: the worker goes by the operation. */
export function replayOperation(type: RequestType): Operation {
  return type === RequestType.Delete ? Operation.Delete : Operation.Replay;
}
