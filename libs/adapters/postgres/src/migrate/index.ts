/** Migrations of the database. Read next: migrate.ts; as a command: main.ts. */
export { type PostgresTls, postgresTls } from '../connection-options.ts';
export { type MigrateOptions, type MigrateResult, migrate } from './migrate.ts';
