/** Why a new request was not taken. */
import { Operation } from '@windlass/request-machine';
import { type Queryable, queryOne, type Statement } from '../query.ts';
import type { AcceptInput, AcceptOutcome } from './contract.ts';
import { requestById } from './get-request.ts';
import { exceededQuota } from './quotas.ts';

/** The outcome, or null where nothing stands in the way now. */
export async function explainRefusal(
  target: Queryable,
  input: AcceptInput,
): Promise<Exclude<AcceptOutcome, { readonly kind: 'accepted' }> | null> {
  const found = await queryOne<RefusalRow>(target, refusalStatement, [
    input.actor.userId,
    input.requestId,
    input.identifier,
  ]);
  if (found !== null && found.keyRequest !== null) {
    const same = found.operation === Operation.Create && found.payloadHash === input.payloadHash;
    if (!same) return { kind: 'payload-mismatch' };
    return { kind: 'replayed', request: await requestById(target, found.keyRequest) };
  }
  if (found !== null && found.holder !== null) {
    const own = found.holder === input.actor.userId;
    return { kind: 'identifier-taken', ownRequest: own ? found.heldRequest : null };
  }
  const exceeded = await exceededQuota(target, input.actor.userId, input.quota, {
    deployments: 1,
    replicas: input.spec.replicas,
  });
  return exceeded === null ? null : { kind: 'quota-exceeded', ...exceeded };
}

type RefusalRow = {
  readonly keyRequest: string | null;
  readonly operation: string | null;
  readonly payloadHash: string | null;
  readonly holder: string | null;
  readonly heldRequest: string | null;
};

const refusalStatement: Statement = {
  name: 'explain_refusal',
  text: `
SELECT k.request_id AS "keyRequest", k.operation, k.payload_hash AS "payloadHash",
       x.user_id AS holder, x.request_id AS "heldRequest"
  FROM (VALUES (true)) AS one(present)
  LEFT JOIN idempotency_keys k ON k.user_id = $1 AND k.key = $2
  LEFT JOIN identifiers x ON x.identifier = $3 AND x.released_at IS NULL`,
};
