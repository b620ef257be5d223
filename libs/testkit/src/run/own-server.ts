/** Servers of one test's own, which it may stop, pause, kill and start again. */
import { join } from 'node:path';
import type { ServerOptions } from '../servers/types.ts';
import { temporaryFolder } from './folder.ts';

export type OwnServer<Server> = {
  /** The present one: `restart` replaces it. */
  readonly current: () => Server;
  /** Stops it where it runs, and starts it on the same port with the same data. */
  readonly restart: () => Promise<Server>;
  /** Stops it and removes its data. */
  readonly drop: () => Promise<void>;
};

/** `await ownServer(startNats, {})`; the options are the launcher's. fsync is off. */
export async function ownServer<
  Server extends { readonly port: number; readonly stop: () => Promise<void> },
  More extends object = object,
>(
  start: (options: ServerOptions & More) => Promise<Server>,
  options: Partial<ServerOptions> & More,
): Promise<OwnServer<Server>> {
  const folder = temporaryFolder();
  const startOn = (port: number) =>
    start({
      dataDir: join(folder.path, 'data'),
      logFile: join(folder.path, 'server.log'),
      durable: false,
      ...options,
      port,
    });
  let server = await startOn(options.port ?? 0).catch((error: unknown) => {
    folder.remove();
    throw error;
  });
  return {
    current: () => server,
    restart: async () => {
      await server.stop();
      server = await startOn(server.port);
      return server;
    },
    drop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}
