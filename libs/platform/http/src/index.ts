/** HTTP servers of our apps, on Fastify. Read next: server.ts, limits.ts, serve-probes.ts. */
export { closeHttpServer } from './close.ts';
export { defaultHttpLimits, type HttpLimits } from './limits.ts';
export { type ProbesSettings, serveProbes } from './serve-probes.ts';
export {
  createHttpServer,
  type HttpServerOptions,
  type Listening,
  listen,
} from './server.ts';
export type { SchemaOptions } from './validators.ts';
