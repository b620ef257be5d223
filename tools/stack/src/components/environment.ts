/** What an app of the stack gets as its environment. Pure. */
import { stackMarker } from '../processes/marker.ts';

/** How the stack's servers are reached; null where the user's own variables say it. */
export type Connections = {
  readonly databaseUrl: string | null;
  readonly natsUrl: string | null;
  readonly kubeconfig: string | null;
};

export type EnvironmentInput = {
  /** The user's environment, with what .env adds to it. */
  readonly base: Readonly<Record<string, string | undefined>>;
  readonly connections: Connections;
  /** Absolute path of the stack's folder. */
  readonly folder: string;
  /** Null for what doesn't listen. */
  readonly port: number | null;
  /** What this component alone is told; goes before everything else. */
  readonly special?: Readonly<Record<string, string>>;
};

/** Apps finish what is under way within this, so that `make stop` stays short. */
export const appGraceMs = 8_000;

/** Settings that belong to a server of the user's: of no use to the stack's own. */
const ofTheirDatabase = /^DATABASE_(?:URL.*|TLS_.*)$/;
const ofTheirNats = /^NATS_(?:URL|TLS_.*|CREDENTIALS_FILE|TOKEN.*)$/;
/** A credential that no app needs. */
const ofTheTour = /^TOUR_TOKEN/;
const ofTheirCluster = /^(?:KUBECONFIG|KUBE_CONTEXT)$/;

/**
 * The user's environment, so that every setting of the app can be made, plus where the stack's
 * servers are. The app always listens on loopback alone.
 */
export function appEnvironment(input: EnvironmentInput): Record<string, string> {
  const { base, connections, folder, port } = input;
  const dropped: RegExp[] = [ofTheTour];
  if (connections.databaseUrl !== null) dropped.push(ofTheirDatabase);
  if (connections.natsUrl !== null) dropped.push(ofTheirNats);
  if (connections.kubeconfig !== null) dropped.push(ofTheirCluster);

  const environment: Record<string, string> = {
    LOG_FORMAT: 'json',
    NO_COLOR: '1',
    SHUTDOWN_GRACE_MS: String(appGraceMs),
  };
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && !dropped.some((each) => each.test(name))) environment[name] = value;
  }
  environment[stackMarker] = folder;
  environment['HTTP_HOST'] = '127.0.0.1';
  if (port !== null) environment['HTTP_PORT'] = String(port);
  if (connections.databaseUrl !== null) environment['DATABASE_URL'] = connections.databaseUrl;
  if (connections.natsUrl !== null) environment['NATS_URL'] = connections.natsUrl;
  if (connections.kubeconfig !== null) environment['KUBECONFIG'] = connections.kubeconfig;
  return { ...environment, ...input.special };
}
