/**
 * The connection to NATS as the apps hold it. Read next: link.ts for what happens when it's lost,
 * ../publish/publish.ts and ../consume/consume.ts for what is done with it.
 */
import { assert } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import type { Log, Metrics } from '@windlass/telemetry';
import type { JetStreamClient, NatsConnection } from 'nats';
import { createMeters, type Meters } from '../meters.ts';
import { PublishWindow } from '../publish/window.ts';
import { StreamKeeper } from '../streams/keeper.ts';
import { type Attachment, dial } from './dial.ts';
import { Link } from './link.ts';
import { type NatsCredentials, type NatsTls, parseNatsUrls } from './servers.ts';

/** A server that starts beside us needs seconds; an image that has to be pulled, longer. */
const connectDeadlineMsDefault = 30_000;

/** A readiness probe asks every few seconds and has a deadline of its own. */
const pingDeadlineMs = 2_000;

/** What is left to send at the end are acknowledgements: milliseconds on any network. */
const closeDeadlineMs = 5_000;

export type ConnectOptions = {
  /** One or several nats:// or tls:// URLs, separated by commas. May hold credentials. */
  readonly url: string;
  /** null: plain TCP, unless a URL says tls:// or the server asks for TLS. */
  readonly tls: NatsTls | null;
  /** null: those of the URL, if any. */
  readonly credentials: NatsCredentials | null;
  /** Of this process, for the server's monitoring. */
  readonly name: string;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For the first connection. Later ones are tried for ever. */
  readonly connectDeadlineMs?: number;
  /** Ends the wait for the first connection before its deadline: the process is asked to stop. */
  readonly signal?: AbortSignal;
};

export type Bus = {
  /** The present connection. Throws `unavailable` while there is none. */
  readonly connection: NatsConnection;
  /** JetStream on the present connection. Throws `unavailable` while there is none. */
  readonly jetstream: JetStreamClient;
  /** For readiness: a round trip to the server, or an `unavailable` error within 2 s. */
  readonly ping: () => Promise<void>;
  /**
   * Sends what was handed over, waits for the server to have it, and disconnects: within 5 s.
   * Consumers are stopped before, by their own `stop`.
   */
  readonly close: () => Promise<void>;
  /** For this package's own functions. */
  readonly internal: BusInternals;
};

export type BusInternals = {
  readonly link: Link;
  readonly log: Log;
  readonly meters: Meters;
  readonly streams: StreamKeeper;
  readonly window: PublishWindow;
};

/**
 * Connects to NATS. Waits for a server that is late, up to the deadline or the signal; credentials or
 * certificates that are refused end it at once.
 *
 * @throws WindlassError `unavailable`, with the last failure as its cause
 */
export async function connectNats(options: ConnectOptions): Promise<Bus> {
  const parsed = parseNatsUrls(options.url);
  assert(parsed.ok, parsed.ok ? '' : parsed.error);
  const { addresses, credentials, requiresTls } = parsed.value;
  const { log } = options;
  const meters = createMeters(options.metrics);
  const tls = options.tls ?? (requiresTls ? { caFile: null, certFile: null, keyFile: null } : null);
  const link = new Link({
    dial: () =>
      dial({ addresses, tls, name: options.name, credentials: options.credentials ?? credentials }),
    addresses,
    log,
    meters,
  });
  await link.open(options.connectDeadlineMs ?? connectDeadlineMsDefault, options.signal);
  return {
    get connection() {
      return attached(link).connection;
    },
    get jetstream() {
      return attached(link).jetstream;
    },
    ping: () => ping(link),
    close: () => link.close(closeDeadlineMs),
    internal: {
      link,
      log,
      meters,
      streams: new StreamKeeper(link, log),
      window: new PublishWindow(),
    },
  };
}

function attached(link: Link): Attachment {
  const { attachment } = link;
  if (attachment === null) throw new WindlassError('unavailable', 'no connection to NATS');
  return attachment;
}

async function ping(link: Link): Promise<void> {
  const outcome = await link.flush(pingDeadlineMs);
  if (outcome === 'flushed') return;
  const detail = outcome === 'late' ? 'NATS did not answer in time' : 'no connection to NATS';
  throw new WindlassError('unavailable', detail);
}
