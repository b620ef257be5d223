/**
 * The way to PostgreSQL: one pool of connections, shared by the SQL of the hot paths and by Prisma.
 * Connections are made when they are needed and thrown away when they fail, so that a restart of
 * the server costs the calls that were under way and nothing else.
 */
import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { withDeadline } from '@windlass/lifecycle';
import type { Log, Metrics } from '@windlass/telemetry';
import { Pool } from 'pg';
import { connectionOptions, type PostgresTls } from './connection-options.ts';
import { passingError } from './errors.ts';
import { PrismaClient } from './generated/client.ts';

export type ConnectOptions = {
  readonly url: string;
  /** Connections that this process may hold, at least 2. */
  readonly poolMax: number;
  readonly tls: PostgresTls | null;
  readonly log: Log;
  readonly metrics: Metrics;
};

export type Postgres = {
  readonly pool: Pool;
  readonly prisma: PrismaClient;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Resolves when the server answers a query; throws `unavailable` within two seconds if not. */
  readonly ping: () => Promise<void>;
  /** Lets what is under way finish, then closes every connection. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/** A probe's own deadline is longer, so that it gets this one's reason. */
const pingDeadlineMs = 2_000;
/** A statement of ours takes milliseconds; one that takes this long has met a bug or a lock. */
const statementDeadlineMs = 10_000;
/** For a server that answers nothing at all: later than its own deadline, which says more. */
const answerDeadlineMs = 12_000;
/** The longest pause inside a transaction is the relay's wait for NATS. */
const idleInTransactionDeadlineMs = 60_000;
/** Connections that a burst opened are given back after this. */
const idleMs = 30_000;
/** Closing waits this long for what is under way; then the process ends without it. */
const closeDeadlineMs = 10_000;

/**
 * The planner's session settings. Every statement here looks up a bounded number of rows by an
 * index. A plan made while a table was small would read all of it and be kept, as statements are
 * prepared, until the next ANALYZE: in a burst on a new database that is too late.
 */
const plannerOptions = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

/** Connects lazily: it resolves also while the server is away. @throws where a TLS file can't be read */
export async function connectPostgres(options: ConnectOptions): Promise<Postgres> {
  const { log, metrics } = options;
  const app = metrics.build.app;
  const pool = new Pool({
    ...(await connectionOptions(options.url, options.tls, `windlass-${app}`)),
    max: options.poolMax,
    idleTimeoutMillis: idleMs,
    statement_timeout: statementDeadlineMs,
    query_timeout: answerDeadlineMs,
    idle_in_transaction_session_timeout: idleInTransactionDeadlineMs,
    options: plannerOptions,
  });
  // An idle connection broke: the pool has dropped it already.
  pool.on('error', (error) => log.warn('postgres_connection_lost', { error }));
  watchPool(pool, options.poolMax, metrics);
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { statementNameGenerator: ({ sql }) => statementName(sql) }),
  });
  let closing: Promise<void> | null = null;
  return {
    pool,
    prisma,
    log,
    metrics,
    ping: () => ping(pool),
    close: () => (closing ??= close(pool, prisma)),
  };
}

async function ping(pool: Pool): Promise<void> {
  try {
    await withDeadline(pool.query('SELECT 1'), pingDeadlineMs, 'the ping of PostgreSQL');
  } catch (error) {
    throw passingError(error);
  }
}

async function close(pool: Pool, prisma: PrismaClient): Promise<void> {
  await prisma.$disconnect();
  await withDeadline(pool.end(), closeDeadlineMs, 'closing the connections to PostgreSQL');
}

/** Prisma builds a bounded number of different texts; PostgreSQL keeps names up to 63 bytes. */
function statementName(sql: string): string {
  return `prisma_${createHash('sha1').update(sql).digest('hex')}`;
}

function watchPool(pool: Pool, poolMax: number, metrics: Metrics): void {
  metrics.gauge(
    'postgres_pool_connections',
    'Connections to PostgreSQL by state, and the bound on their number (max).',
    ['state'],
    (gauge) => {
      gauge.set({ state: 'idle' }, pool.idleCount);
      gauge.set({ state: 'used' }, pool.totalCount - pool.idleCount);
      gauge.set({ state: 'max' }, poolMax);
    },
  );
  metrics.gauge(
    'postgres_pool_waiting',
    'Calls that wait for a connection to PostgreSQL.',
    [],
    (gauge) => gauge.set(pool.waitingCount),
  );
}
