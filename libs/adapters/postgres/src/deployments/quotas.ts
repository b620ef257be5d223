/**
 * Quotas, strict also when many ask at once. What a user holds is counted in the user's row, in the
 * same statement that gives or takes it. Whoever adds to it under a quota locks that row first and
 * looks then.
 */
import { assert } from '@windlass/base';
import { type Queryable, query, queryOne, type Statement } from '../query.ts';
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
  return `counted AS (
  SELECT f.*, count(*) OVER so_far AS more_deployments, sum(f.replicas) OVER so_far AS more_replicas
    FROM ${from} f
  WINDOW so_far AS (PARTITION BY f.user_id ORDER BY f.identifier)
), ${to} AS MATERIALIZED (
  SELECT c.* FROM counted c
   WHERE (c.deployments_max = 0 AND c.replicas_max = 0)
      OR (SELECT (c.deployments_max = 0 OR u.deployments + c.more_deployments <= c.deployments_max)
             AND (c.replicas_max = 0 OR c.replicas = 0
                  OR u.replicas + c.more_replicas <= c.replicas_max)
            FROM users u WHERE u.id = c.user_id)
)`;
}

/** Makes the users where they are new, and locks their rows until the transaction ends. */
export async function lockUsers(client: Queryable, userIds: readonly string[]): Promise<void> {
  const distinct = [...new Set(userIds)];
  await query(client, makeUsersStatement, [distinct]);
  await query(client, lockUsersStatement, [distinct]);
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
  const used = await queryOne<{ readonly deployments: number; readonly replicas: string }>(
    target,
    usageStatement,
    [userId],
  );
  assert(used !== null, 'a user under a quota has a row');
  if (isOver(quota.deploymentsMax, used.deployments, more.deployments)) {
    return { quota: 'deploymentsMax', limit: quota.deploymentsMax };
  }
  if (isOver(quota.replicasMax, Number(used.replicas), more.replicas)) {
    return { quota: 'replicasMax', limit: quota.replicasMax };
  }
  return null;
}

/** Whoever asks for no more is not over. */
function isOver(max: number, used: number, more: number): boolean {
  return max > 0 && more > 0 && used + more > max;
}

const usageStatement: Statement = {
  name: 'quota_usage',
  text: 'SELECT deployments, replicas FROM users WHERE id = $1',
};
