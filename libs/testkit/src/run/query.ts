/** One statement over a connection of its own, for what tests do seldom. */
import type { QueryResultRow } from 'pg';

const connectDeadlineMs = 10_000;
const statementDeadlineMs = 30_000;

export async function queryOnce<Row extends QueryResultRow>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  // Loaded here, so that who only starts servers doesn't load it.
  const { Client } = await import('pg');
  const client = new Client({
    connectionString: url,
    application_name: 'testkit',
    connectionTimeoutMillis: connectDeadlineMs,
    query_timeout: statementDeadlineMs,
  });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
