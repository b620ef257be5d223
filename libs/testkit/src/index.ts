/**
 * Real servers for tests and for the local stack, and the runner of data-driven tests.
 *
 * Tests: run/. Launchers: servers/. Scripts: scripts/.
 */
export { type EventuallyOptions, eventually } from './eventually.ts';
export { type TemporaryFolder, temporaryFolder } from './run/folder.ts';
export { type OwnServer, ownServer } from './run/own-server.ts';
export { type TestKubernetes, testKubernetes } from './run/test-kubernetes.ts';
export { type TestNats, testNats } from './run/test-nats.ts';
export { type TestPostgres, type TestPostgresOptions, testPostgres } from './run/test-postgres.ts';
export type { Directive } from './scripts/parse.ts';
export { type Handler, runScripts } from './scripts/run-scripts.ts';
export { locateServers, type ServerBinaries, ServersMissingError } from './servers/binaries.ts';
export { type CertificateRequest, tlsOf, writeCertificates } from './servers/certificates.ts';
export { startKubernetes } from './servers/kubernetes/kubernetes.ts';
export { endLeftovers } from './servers/leftovers.ts';
export {
  type LockmgrCluster,
  type LockmgrNode,
  type LockmgrOptions,
  startLockmgr,
} from './servers/lockmgr.ts';
export { startNats } from './servers/nats.ts';
export * from './servers/pins.ts';
export { freePorts, isFree } from './servers/ports.ts';
export { startPostgres } from './servers/postgres.ts';
export { processStart } from './servers/process-tree.ts';
export { ServerStartError } from './servers/starting.ts';
export * from './servers/types.ts';
