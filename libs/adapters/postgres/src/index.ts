/**
 * PostgreSQL, the truth for requests: the pool, and everything the apps ask of it. Read next:
 * deployments/contract.ts, docs/schema.md. Migrations are in `@windlass/postgres/migrate`.
 */
export { type ConnectOptions, connectPostgres, type Postgres } from './connect.ts';
export { type PostgresTls, postgresOptionsOf } from './connection-options.ts';
export * from './deployments/contract.ts';
export { createDeploymentStore } from './deployments/store.ts';
