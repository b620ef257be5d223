/** Waits until a burst of creations is carried out. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';

const drainDeadlineMs = 300_000;
const pollMs = 100;

/**
 * Resolves once all requests whose identifiers begin with `<prefix>-` are SUCCESS.
 *
 * @throws Error when they aren't within 5 min
 */
export async function untilSucceeded(database: Pool, prefix: string, count: number): Promise<void> {
  const deadlineMs = performance.now() + drainDeadlineMs;
  for (;;) {
    const { rows } = await database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM deployment_requests
       WHERE identifier LIKE $1 AND status = 'SUCCESS'`,
      [`${prefix}-%`],
    );
    if (rows[0]?.count === count) return;
    if (performance.now() > deadlineMs) throw new Error(`only ${rows[0]?.count} are SUCCESS`);
    await sleep(pollMs);
  }
}
