/**
 * The migration command and job: `node main.ts [--allow-destructive]`.
 *
 * Exit codes: 0 done; 1 wrong settings, or a bug; 3 refused, or a migration failed; 4 the server
 * can't be reached or another migration holds the lock: run it again later.
 */
import {
  defineSettings,
  loadSettings,
  postgresSettings,
  setting,
  telemetrySettings,
} from '@windlass/config';
import { exitCodeOf } from '@windlass/errors';
import { createLog } from '@windlass/telemetry';
import { migrate, postgresTls } from './index.ts';

const allowDestructiveFlag = '--allow-destructive';

const settingsDefinition = defineSettings(
  'windlass-migrate',
  `brings the database to this release's schema (${allowDestructiveFlag}: also where data is lost)`,
  {
    databaseUrl: postgresSettings.databaseUrl,
    databaseTlsCaFile: postgresSettings.databaseTlsCaFile,
    databaseTlsCertFile: postgresSettings.databaseTlsCertFile,
    databaseTlsKeyFile: postgresSettings.databaseTlsKeyFile,
    migrationsDir: setting.string({
      env: 'MIGRATIONS_DIR',
      optional: true,
      description: 'Folder of the migrations; where unset, those of the source tree.',
    }),
    logLevel: telemetrySettings.logLevel,
    logFormat: telemetrySettings.logFormat,
  },
);

const argv = process.argv.slice(2);
const settings = loadSettings(settingsDefinition, {
  argv: argv.filter((argument) => argument !== allowDestructiveFlag),
  env: process.env,
});
const log = createLog({
  app: 'migrate',
  level: settings.logLevel,
  format: settings.logFormat,
});

try {
  const { applied, known } = await migrate({
    databaseUrl: settings.databaseUrl,
    tls: postgresTls(settings),
    log,
    allowDestructive: argv.includes(allowDestructiveFlag),
    ...(settings.migrationsDir === null ? {} : { directory: settings.migrationsDir }),
  });
  log.info('database_migrated', { applied: applied.length, known: known.length });
} catch (error) {
  log.error('migration_failed', { error });
  process.exitCode = exitCodeOf(error);
}
log.flush();
// The engine leaves a timer behind, of its own wait for a lock, that would hold the process for 10 s.
process.exit();
