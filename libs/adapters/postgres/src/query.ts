/**
 * Statements and transactions on the pool. Errors go through as `pg` made them: the store sorts
 * them at its boundary (store.ts), after whoever wants to try again has seen the SQLSTATE.
 */
import { assert } from '@windlass/base';
import type pg from 'pg';
import { passingError, sqlStateOf } from './errors.ts';

/** Prepared once per connection under its name, which is unique among all statements. */
export type Statement = { readonly name: string; readonly text: string };

/** A pool, or a connection inside of a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** Runs a prepared statement and gives its rows. */
export async function query<Row extends pg.QueryResultRow>(
  target: Queryable,
  { name, text }: Statement,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const { rows } = await target.query<Row>({ name, text, values: [...values] });
  return rows;
}

/** The only row, or null. */
export async function queryOne<Row extends pg.QueryResultRow>(
  target: Queryable,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row | null> {
  const rows = await query<Row>(target, statement, values);
  assert(rows.length <= 1, `${statement.name} gives at most one row`);
  return rows[0] ?? null;
}

/**
 * Runs the work in one transaction (READ COMMITTED) and commits what it did, unless it throws. The
 * connection goes back to the pool, or is thrown away where it can't be trusted any more.
 */
export async function inTransaction<Value>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Value>,
): Promise<Value> {
  const client = await pool.connect();
  let broken: Error | undefined;
  client.on('error', ignoreError);
  try {
    await client.query('BEGIN');
    const value = await work(client);
    await client.query('COMMIT');
    return value;
  } catch (error) {
    broken = await rollBack(client, error);
    throw error;
  } finally {
    client.removeListener('error', ignoreError);
    client.release(broken);
  }
}

/** Without a listener an error ends the process; the query under way is told of it anyway. */
function ignoreError(): void {}

/** Undoes the transaction; gives the reason where the connection is of no more use. */
async function rollBack(client: pg.PoolClient, reason: unknown): Promise<Error | undefined> {
  // No answer came: another query would wait for the one that hangs.
  const unanswered = passingError(reason) !== reason && sqlStateOf(reason) === null;
  if (unanswered && reason instanceof Error) return reason;
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** What PostgreSQL refuses because of another transaction; it has undone all of ours. */
const raceStates: ReadonlySet<string> = new Set(['23505', '40001', '40P01']);

/** A lost race shows the winner's rows to the next try; more lost ones in a row are no accident. */
const raceTriesMax = 4;

/**
 * Runs the work again when another transaction was faster: a unique key was taken in between, or
 * PostgreSQL ended a deadlock. The work must be one statement or one transaction.
 */
export async function retryRaces<Value>(work: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === raceTriesMax || !raceStates.has(sqlStateOf(error) ?? '')) throw error;
    }
  }
}
