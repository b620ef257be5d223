/** A database of a test's own, on the run's one PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { askBroker } from './ask.ts';
import { withDatabaseName } from './database-url.ts';
import { queryOnce } from './query.ts';

export type TestPostgres = {
  /** Connection string with its password. */
  readonly url: string;
  /**
   * Removes the database.
   *
   * @throws Error when sessions are still open: something wasn't closed. It is removed all the same.
   */
  readonly drop: () => Promise<void>;
};

export type TestPostgresOptions = {
  /** False: an empty database, for tests of the migrations themselves. Default true. */
  readonly migrated?: boolean;
};

/** PostgreSQL notices the end of a session a moment after its client. */
const sessionsEndMs = 2_000;
const pollMs = 20;

export async function testPostgres({
  migrated = true,
}: TestPostgresOptions = {}): Promise<TestPostgres> {
  const { url, template } = migrated
    ? await askBroker('template')
    : { ...(await askBroker('postgres')), template: 'template0' };
  const name = `test_${randomBytes(8).toString('hex')}`;
  await queryOnce(url, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return { url: withDatabaseName(url, name), drop: () => drop(url, name) };
}

async function drop(url: string, name: string): Promise<void> {
  const deadline = performance.now() + sessionsEndMs;
  let sessions = await sessionsOf(url, name);
  while (sessions.length > 0 && performance.now() < deadline) {
    await sleep(pollMs);
    sessions = await sessionsOf(url, name);
  }
  await queryOnce(url, `DROP DATABASE ${name} WITH (FORCE)`);
  if (sessions.length > 0) {
    const shown = sessions.map((each) => `${each.application_name} (${each.state}): ${each.query}`);
    throw new Error(`${sessions.length} sessions were left open\n${shown.join('\n')}`);
  }
}

type Session = {
  readonly application_name: string;
  readonly state: string;
  readonly query: string;
};

function sessionsOf(url: string, name: string): Promise<Session[]> {
  return queryOnce<Session>(
    url,
    `SELECT application_name, state, left(query, 200) AS query FROM pg_stat_activity
     WHERE datname = $1 AND backend_type = 'client backend' ORDER BY 1, 2, 3`,
    [name],
  );
}
