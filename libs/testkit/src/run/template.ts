/** The migrated database that every test gets a clone of: cloning takes a fraction of migrating. */
import { createLog } from '@windlass/telemetry';
import { withDatabaseName } from './database-url.ts';
import { queryOnce } from './query.ts';

const templateName = 'windlass_template';

export async function makeTemplate(
  url: string,
): Promise<{ readonly url: string; readonly template: string }> {
  await queryOnce(url, `CREATE DATABASE ${templateName}`);
  // The adapter's own tests use this kit: loaded only when a test wants a migrated database.
  const { migrate } = await import('@windlass/postgres/migrate');
  await migrate({
    databaseUrl: withDatabaseName(url, templateName),
    log: createLog({ app: 'testkit', level: 'warn', format: 'json' }),
  });
  // Nobody connects to it by mistake: PostgreSQL clones no database that has sessions.
  await queryOnce(url, `ALTER DATABASE ${templateName} ALLOW_CONNECTIONS false`);
  return { url, template: templateName };
}
