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

/**
 * False where a revision is open (it puts things right by itself), where the newest one failed, or
 * where the cluster shows nothing older than the newest one.
 */
export async function reopenNewestRevision(
  { pool }: Postgres,
  namespace: string,
  identifier: string,
  observedRevision: number,
): Promise<boolean> {
  // Every reading of the cluster asks this, and next to none finds something: no locks for that.
  const newer = await queryOne(pool, newerStatement, [identifier, namespace, observedRevision]);
  if (newer === null) return false;
  return retryRaces(() =>
    inTransaction(pool, async (client) => {
      const locked = await lockRequest(client, { userId: null }, { identifier });
      if (locked === null || observedRevision >= locked.record.revision) return false;
      const moved = next(locked.state, { kind: 'reopened' });
      if (!moved.ok) return false;
      await openRevision(client, {
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
      return true;
    }),
  );
}

const newerStatement: Statement = {
  name: 'newer_revision',
  text: `
SELECT 1 FROM identifiers
 WHERE identifier = $1 AND namespace = $2 AND last_revision > $3::bigint`,
};

/** A deletion that is done again is still a deletion: the worker goes by the operation. */
export function replayOperation(type: RequestType): Operation {
  return type === RequestType.Delete ? Operation.Delete : Operation.Replay;
}
