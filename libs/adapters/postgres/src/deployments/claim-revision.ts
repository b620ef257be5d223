/**
 * Gives an identifier's oldest open revision to one worker, until its lease ends. Concurrent calls
 * share one statement. PostgreSQL's clock decides about leases, so that the workers' clocks don't
 * matter.
 */
import { required, unreachable } from '@windlass/base';
import type { DeploymentSpec } from '@windlass/deployment-spec';
import type { Operation } from '@windlass/request-machine';
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import { createStatementBatcher } from './batches.ts';
import type { ClaimedRevision, ClaimOutcome, DeploymentStore } from './contract.ts';
import { failure } from './records.ts';

type ClaimInput = Parameters<DeploymentStore['claimRevision']>[0];

/** `raced`: another transaction changed the revision between reading and claiming it. */
type Claim = ClaimOutcome | { readonly kind: 'raced' };

/** Each lost race means that somebody else got on; who loses all of them comes back later. */
const roundsMax = 3;
const racedDelayMs = 100;

export function createClaimRevision(postgres: Postgres) {
  const batcher = createStatementBatcher<ClaimInput, Claim>({
    name: 'claim',
    metrics: postgres.metrics,
    run: (items) => claimItems(postgres, items),
  });
  return {
    claimRevision: async (input: ClaimInput): Promise<ClaimOutcome> => {
      for (let round = 1; round <= roundsMax; round += 1) {
        const claim = await batcher.add(input);
        if (claim.kind !== 'raced') return claim;
      }
      return { kind: 'waiting', delayMs: racedDelayMs };
    },
  };
}

async function claimItems(
  { pool }: Postgres,
  items: readonly ClaimInput[],
): Promise<readonly Claim[]> {
  const firstIndex = new Map<string, number>();
  for (const [index, { identifier }] of items.entries()) {
    if (!firstIndex.has(identifier)) firstIndex.set(identifier, index);
  }
  const rows = await query<ClaimRow>(pool, claimStatement, [
    JSON.stringify(
      [...firstIndex.values()].map((index) => {
        const { identifier, workerId, leaseMs, attemptsMax } = required(items[index], 'item');
        return {
          identifier,
          worker_id: workerId,
          lease_ms: leaseMs,
          attempts_max: attemptsMax,
        };
      }),
    ),
  ]);
  const byIdentifier = new Map(rows.map((row) => [row.identifier, row]));
  return items.map(({ identifier }, index) => {
    if (firstIndex.get(identifier) !== index) return { kind: 'raced' };
    return claimOf(required(byIdentifier.get(identifier), identifier));
  });
}

function claimOf(row: ClaimRow): Claim {
  switch (row.kind) {
    case 'idle':
    case 'raced':
      return { kind: row.kind };
    case 'waiting':
      return { kind: 'waiting', delayMs: Math.max(1, Math.ceil(row.delayMs ?? 0)) };
    case 'claimed':
      return { kind: 'claimed', revision: claimedRevision(row) };
    case 'exhausted':
      return {
        kind: 'exhausted',
        revision: claimedRevision(row),
        tries: required(row.attempts, 'attempts'),
        lastError: failure(row.errorCode, row.errorMessage),
      };
    default:
      return unreachable(row.kind);
  }
}

function claimedRevision(row: ClaimRow): ClaimedRevision {
  return {
    identifier: row.identifier,
    namespace: required(row.namespace, 'namespace'),
    userId: required(row.userId, 'user'),
    request: required(row.requestId, 'request'),
    revision: Number(row.revision),
    operation: required(row.operation, 'operation'),
    spec: required(row.spec, 'spec'),
    attempt: required(row.claims, 'claims'),
    createdAt: required(row.createdAt, 'time'),
    traceparent: row.traceparent,
  };
}

type ClaimRow = {
  readonly identifier: string;
  readonly kind: 'idle' | 'waiting' | 'raced' | 'claimed' | 'exhausted';
  readonly delayMs: number | null;
  readonly revision: string | null;
  readonly requestId: string | null;
  readonly namespace: string | null;
  readonly userId: string | null;
  readonly operation: Operation | null;
  readonly spec: DeploymentSpec | null;
  readonly claims: number | null;
  readonly attempts: number | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly createdAt: Date | null;
  readonly traceparent: string | null;
};

/**
 * `claims` counts every claim and is the token of the newest; `attempts` counts the tries, at most
 * attempts_max. What was read of a revision still holds when it is claimed, because its `claims` and
 * status must be the same then.
 */
const claimStatement: Statement = {
  name: 'claim_revisions',
  text: `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS i(
    identifier text, worker_id text, lease_ms double precision, attempts_max integer)
), oldest AS MATERIALIZED (
  SELECT i.*, o.revision, o.claims, o.attempts >= i.attempts_max AS exhausted,
         extract(epoch FROM greatest(o.claimed_until, o.not_before) - now()) * 1000 AS delay_ms
    FROM input i
    LEFT JOIN LATERAL (
      SELECT r.revision, r.claims, r.attempts, r.claimed_until, r.not_before
        FROM revisions r
       WHERE r.identifier = i.identifier AND r.status = 'OPEN'
       ORDER BY r.revision
       LIMIT 1
    ) o ON true
), claimed AS (
  UPDATE revisions r
     SET claims = r.claims + 1,
         attempts = r.attempts + CASE WHEN o.exhausted THEN 0 ELSE 1 END,
         claimed_by = o.worker_id,
         claimed_until = now() + o.lease_ms * interval '1 millisecond',
         not_before = NULL
    FROM oldest o
   WHERE r.identifier = o.identifier AND r.revision = o.revision
     AND r.status = 'OPEN' AND r.claims = o.claims AND coalesce(o.delay_ms, 0) <= 0
     AND coalesce(r.claimed_until <= now(), true) AND coalesce(r.not_before <= now(), true)
  RETURNING r.*
)
SELECT o.identifier,
       CASE WHEN o.revision IS NULL THEN 'idle'
            WHEN o.delay_ms > 0 THEN 'waiting'
            WHEN c.revision IS NULL THEN 'raced'
            WHEN o.exhausted THEN 'exhausted'
            ELSE 'claimed' END AS kind,
       o.delay_ms::double precision AS "delayMs", c.revision, c.request_id AS "requestId",
       q.namespace, q.user_id AS "userId", c.operation, c.spec, c.claims,
       c.attempts, c.error_code AS "errorCode", c.error_message AS "errorMessage",
       c.created_at AS "createdAt", c.traceparent
  FROM oldest o
  LEFT JOIN claimed c ON c.identifier = o.identifier
  LEFT JOIN deployment_requests q ON q.id = c.request_id`,
};
