/** Makes a new revision from a dead one. */
import { isUuid, required } from '@windlass/base';
import { next, Operation } from '@windlass/request-machine';
import type { Postgres } from '../connect.ts';
import {
  inTransaction,
  type Queryable,
  query,
  queryOne,
  retryRaces,
  type Statement,
} from '../query.ts';
import type { Actor, DeploymentStore, Scope } from './contract.ts';
import { lockRequest } from './locked-request.ts';
import { openRevision } from './open-revision.ts';
import { replayOperation } from './reopen-revision.ts';

type Outcome = Awaited<ReturnType<DeploymentStore['replayDeadLetter']>>;

export async function replayDeadLetter(
  { pool }: Postgres,
  scope: Scope,
  id: string,
  actor: Actor,
): Promise<Outcome> {
  if (!isUuid(id)) return { kind: 'not-found' };
  return retryRaces(() => inTransaction(pool, (client) => replay(client, scope, id, actor)));
}

async function replay(client: Queryable, scope: Scope, id: string, actor: Actor): Promise<Outcome> {
  const letter = await queryOne<LetterRow>(client, lockLetterStatement, [id, scope.userId]);
  if (letter === null) return { kind: 'not-found' };
  if (!letter.waiting) return { kind: 'already-ended' };
  if (letter.requestId === null) return { kind: 'not-replayable' };
  const locked = await lockRequest(client, scope, { request: letter.requestId });
  if (locked === null) return { kind: 'not-found' };
  if (locked.record.revision !== Number(letter.revision)) return { kind: 'superseded' };
  const moved = next(locked.state, {
    kind: 'accepted',
    operation: Operation.Replay,
    openRevisionsMax: 1,
  });
  if (!moved.ok) return { kind: 'superseded' };
  const opened = await openRevision(client, {
    request: locked.record,
    type: moved.value.type,
    operation: replayOperation(moved.value.type),
    spec: locked.record.spec,
    actor,
    action: 'dead-letter.replay',
    outcome: 'accepted',
    key: null,
    traceparent: null,
  });
  const request = required(opened, 'the identifier of a request that failed');
  await query(client, markReplayedStatement, [id, request.revision]);
  return { kind: 'replayed', request };
}

type LetterRow = {
  readonly requestId: string | null;
  readonly revision: string | null;
  readonly waiting: boolean;
};

const lockLetterStatement: Statement = {
  name: 'lock_dead_letter',
  text: `
SELECT request_id AS "requestId", revision,
       replayed_revision IS NULL AND dropped_at IS NULL AS waiting
  FROM dead_letters
 WHERE id = $1 AND ($2::text IS NULL OR user_id = $2)
   FOR NO KEY UPDATE`,
};

const markReplayedStatement: Statement = {
  name: 'mark_dead_letter_replayed',
  text: 'UPDATE dead_letters SET replayed_revision = $2 WHERE id = $1',
};
