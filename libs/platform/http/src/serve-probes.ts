/** The server of an app that has no routes of its own: probes and metrics. */
import type { AppContext, BootSettings, Health } from '@windlass/lifecycle';
import { closeHttpServer } from './close.ts';
import type { ProbeOptions } from './probes.ts';
import { createHttpServer, type Listening, listen } from './server.ts';

/** `httpSettings` of @windlass/config, as an app has them. */
export type ProbesSettings = BootSettings & {
  readonly httpHost: string;
  readonly httpPort: number;
};

/** Nothing is in flight that matters. */
const closeDeadlineMs = 1_000;

/**
 * Listens until the app stops. Start it first: probes then answer while the rest of the app starts,
 * and until all of it has stopped. Rejects where the address is taken or not ours.
 *
 * @param info what `/actuator/info` tells beside the build
 */
export async function serveProbes(
  { app, settings, scope, log, metrics }: AppContext<ProbesSettings>,
  health: Health,
  info?: ProbeOptions['info'],
): Promise<Listening> {
  const server = createHttpServer({ app, log, metrics, health, info });
  scope.onStop('http', () => closeHttpServer(server, closeDeadlineMs));
  const listening = await listen(server, { host: settings.httpHost, port: settings.httpPort });
  log.info('listening', { url: listening.url });
  return listening;
}
