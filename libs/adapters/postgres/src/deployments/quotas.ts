/**
 * Quotas, strict also when many ask at once: whoever adds to a user's deployments or replicas locks
 * the user's row first, where a quota is set, and counts then. Nothing is locked without a quota.
 */
import { assert } from '@windlass/base';
import type { Queryable, Statement } from '../query.ts';
import { query, queryOne } from '../query.ts';
import type { Quota } from './contract.ts';

export type QuotaPart = {
  readonly deployments_max: number;
  readonly replicas_max: number;
};

export const quotaColumns = 'deployments_max integer, replicas_max integer';

/**
 * CTEs that keep what is within the users' quotas, counted in the order of identifiers: an item
 * counts for those after it, so that a batch never goes over. Reads `from`, gives `to`.
 */
export function quotaWithin(from: string, to: string): string {
  return `limited_users AS MATERIALIZED (
  SELECT DISTINCT user_id FROM ${from} WHERE deployments_max > 0 OR replicas_max > 0
), used AS MATERIALIZED (
  SELECT l.user_id, count(x.identifier) AS deployments, coalesce(sum(x.replicas), 0) AS replicas
    FROM limited_users l
    LEFT JOIN identifiers x ON x.user_id = l.user_id AND x.released_at IS NULL
   GROUP BY l.user_id
), counted AS (
  SELECT f.*, count(*) OVER so_far AS more_deployments, sum(f.replicas) OVER so_far AS more_replicas
    FROM ${from} f
  WINDOW so_far AS (PARTITION BY f.user_id ORDER BY f.identifier)
), ${to} AS MATERIALIZED (
  SELECT c.* FROM counted c LEFT JOIN used u ON u.user_id = c.user_id
   WHERE (c.deployments_max = 0 OR u.deployments + c.more_deployments <= c.deployments_max)
     AND (c.replicas_max = 0 OR c.replicas = 0
          OR u.replicas + c.more_replicas <= c.replicas_max)
)`;
}

/** Makes the users where they are new, and locks their rows until the transaction ends. */
export async function lockUsers(client: Queryable, userIds: readonly string[]): Promise<void> {
  const sorted = [...new Set(userIds)].sort();
  await query(client, makeUsersStatement, [sorted]);
  await query(client, lockUsersStatement, [sorted]);
}

const makeUsersStatement: Statement = {
  name: 'make_users',
  text: `
INSERT INTO users (id)
SELECT id FROM unnest($1::text[]) AS t(id)
 WHERE (SELECT u.created_at FROM users u WHERE u.id = t.id) IS NULL
 ORDER BY id
ON CONFLICT DO NOTHING`,
};

const lockUsersStatement: Statement = {
  name: 'lock_users',
  text: 'SELECT id FROM users WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE',
};

/** Which quota a user would go over with so much more; null where it is within both. */
export async function exceededQuota(
  target: Queryable,
  userId: string,
  quota: Quota,
  more: { readonly deployments: number; readonly replicas: number },
): Promise<{ readonly quota: keyof Quota; readonly limit: number } | null> {
  if (quota.deploymentsMax === 0 && quota.replicasMax === 0) return null;
  const used = await queryOne<{ readonly deployments: string; readonly replicas: string }>(
    target,
    usageStatement,
    [userId],
  );
  assert(used !== null, 'an aggregate gives a row');
  if (isOver(quota.deploymentsMax, used.deployments, more.deployments)) {
    return { quota: 'deploymentsMax', limit: quota.deploymentsMax };
  }
  if (isOver(quota.replicasMax, used.replicas, more.replicas)) {
    return { quota: 'replicasMax', limit: quota.replicasMax };
  }
  return null;
}

/** Whoever asks for no more is not over. */
function isOver(max: number, used: string, more: number): boolean {
  return max > 0 && more > 0 && Number(used) + more > max;
}

const usageStatement: Statement = {
  name: 'quota_usage',
  text: `
SELECT count(*) AS deployments, coalesce(sum(replicas), 0) AS replicas
  FROM identifiers
 WHERE user_id = $1 AND released_at IS NULL`,
};
