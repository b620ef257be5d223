/** HTTP servers of our apps, on Fastify. Read next: server.ts, limits.ts. */
export { closeHttpServer } from './close.ts';
export { defaultHttpLimits, type HttpLimits } from './limits.ts';
export {
  createHttpServer,
  type HttpServerOptions,
  type Listening,
  listen,
} from './server.ts';
export type { SchemaOptions } from './validators.ts';
