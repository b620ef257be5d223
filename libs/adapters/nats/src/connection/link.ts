/**
 * Keeps one connection to NATS alive: connects with a deadline the first time, and again for ever
 * with growing, jittered delays whenever the connection is lost.
 *
 *   connecting ──▶ connected ──▶ connecting ──▶ … ──▶ closed
 *
 * Nothing is buffered while there is no connection: whoever sends waits for one, up to its own
 * deadline, or is told that there is none.
 */
import { type BackoffPolicy, backoffDelayMs, type Result, systemRandom } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import type { Log } from '@windlass/telemetry';
import { DebugEvents, Events, type Status } from 'nats';
import type { ConnectionMeters } from '../meters.ts';
import { delay, withDeadline } from '../waiting.ts';
import type { Attachment, DialFailure } from './dial.ts';

/** Short at first, since most losses are a server's restart; at most 5 s, so that a server which
 * comes back is found within seconds, by few dials from each of many processes. */
const reconnectBackoff: BackoffPolicy = { initialMs: 100, maxMs: 5_000 };

export type LinkOptions = {
  readonly dial: () => Promise<Result<Attachment, DialFailure>>;
  /** For the logs: addresses without credentials. */
  readonly addresses: readonly string[];
  readonly log: Log;
  readonly meters: ConnectionMeters;
};

/** Called with each new attachment, and with null when it is lost. */
export type LinkListener = (attachment: Attachment | null) => void;

export class Link {
  readonly #options: LinkOptions;
  readonly #listeners = new Set<LinkListener>();
  readonly #closing = new AbortController();
  #attachment: Attachment | null = null;
  #reconnecting: Promise<void> | null = null;
  #lostAtMs = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    options.meters.connected(false);
  }

  /** Aborts when the link is closed for good. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** The present connection, or null. */
  get attachment(): Attachment | null {
    return this.#attachment;
  }

  /** Tells of each change from now on. Returns how to end that. */
  onChange(listener: LinkListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The first connection. Throws `unavailable` at the deadline or signal, or at a final refusal. */
  async open(deadlineMs: number, stopping?: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([
      AbortSignal.timeout(deadlineMs),
      this.#closing.signal,
      ...(stopping === undefined ? [] : [stopping]),
    ]);
    const failure = await this.#connect(signal, (candidate) => candidate.isFinal);
    if (failure !== null) {
      const addresses = this.#options.addresses.join(', ');
      throw new WindlassError('unavailable', `no connection to NATS at ${addresses}`, {
        cause: failure.error,
      });
    }
  }

  /** The connection, as soon as there is one. Null at the deadline, or when the link is closed. */
  async whenConnected(deadlineMs: number, signal?: AbortSignal): Promise<Attachment | null> {
    if (this.#attachment !== null || this.closed.aborted || signal?.aborted === true) {
      return this.#attachment;
    }
    return new Promise((resolve) => {
      const settle = (attachment: Attachment | null) => {
        clearTimeout(timer);
        stopListening();
        this.closed.removeEventListener('abort', giveUp);
        signal?.removeEventListener('abort', giveUp);
        resolve(attachment);
      };
      const giveUp = () => settle(null);
      const timer = setTimeout(giveUp, deadlineMs);
      const stopListening = this.onChange((attachment) => {
        if (attachment !== null) settle(attachment);
      });
      this.closed.addEventListener('abort', giveUp);
      signal?.addEventListener('abort', giveUp);
    });
  }

  /** Waits until the server has everything that was handed to the connection before. */
  async flush(deadlineMs: number): Promise<'flushed' | 'lost' | 'late'> {
    const { connection } = this.#attachment ?? {};
    if (connection === undefined) return 'lost';
    const lost = Promise.withResolvers<'lost'>();
    // The client leaves a flush pending for ever when its connection ends.
    const stopListening = this.onChange(() => lost.resolve('lost'));
    const flushed = connection.flush().then(() => 'flushed' as const);
    const outcome = await withDeadline(Promise.race([flushed, lost.promise]), deadlineMs);
    stopListening();
    if (outcome.ok) return outcome.value;
    return outcome.error.kind === 'deadline' ? 'late' : 'lost';
  }

  /** Sends what was handed over, ends the subscriptions and disconnects; by force at the deadline. */
  async close(deadlineMs: number): Promise<void> {
    if (this.closed.aborted) return;
    const attachment = this.#attachment;
    this.#closing.abort();
    await withDeadline(this.#reconnecting ?? Promise.resolve(), deadlineMs);
    if (attachment === null) return;
    const { connection } = attachment;
    const drained = await withDeadline(connection.drain(), deadlineMs);
    if (!drained.ok) {
      this.#options.log.warn('nats_drain_incomplete', { deadline_ms: deadlineMs });
      await connection.close();
    }
    this.#detach(attachment);
  }

  async #connect(
    signal: AbortSignal,
    isEnough: (failure: DialFailure) => boolean,
  ): Promise<DialFailure | null> {
    const { log, meters, dial, addresses } = this.#options;
    let loggedMessage: string | null = null;
    let failure: DialFailure | null = null;
    for (let failures = 1; !signal.aborted; failures += 1) {
      const dialled = await dial();
      if (dialled.ok) {
        if (!signal.aborted) {
          this.#attach(dialled.value);
          return null;
        }
        // Too late: whoever asked is told that there is no connection, and has none.
        await dialled.value.connection.close();
        break;
      }
      failure = dialled.error;
      meters.event('dial_failed');
      if (failure.error.message !== loggedMessage) {
        loggedMessage = failure.error.message;
        log.warn('nats_connection_failed', { servers: addresses, error: failure.error });
      }
      if (isEnough(failure)) return failure;
      await delay(backoffDelayMs(failures, reconnectBackoff, systemRandom), signal);
    }
    return (
      failure ?? { isFinal: false, error: new Error('the wait was over before the first try was') }
    );
  }

  #attach(attachment: Attachment): void {
    const { log, meters } = this.#options;
    const { connection } = attachment;
    this.#attachment = attachment;
    meters.connected(true);
    meters.event('connected');
    log.info('nats_connected', {
      server: connection.getServer(),
      server_version: connection.info?.version,
      ...(this.#lostAtMs === 0
        ? {}
        : { lost_for_ms: Math.round(performance.now() - this.#lostAtMs) }),
    });
    void this.#watch(attachment);
    void connection.closed().then((error) => this.#detach(attachment, error ?? undefined));
    this.#tell(attachment);
  }

  /** The connection is gone: says so once, and starts to make the next. */
  #detach(attachment: Attachment, error?: Error): void {
    if (this.#attachment !== attachment) return;
    const { log, meters, addresses } = this.#options;
    this.#attachment = null;
    this.#lostAtMs = performance.now();
    meters.connected(false);
    this.#tell(null);
    if (this.closed.aborted) {
      log.info('nats_disconnected', { servers: addresses });
      return;
    }
    meters.event('lost');
    log.warn('nats_connection_lost', {
      servers: addresses,
      ...(error === undefined ? {} : { error }),
    });
    this.#reconnecting = this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    await this.#connect(this.closed, () => false);
    this.#reconnecting = null;
  }

  /** Logs what the server says about the connection, each kind once per connection. */
  async #watch(attachment: Attachment): Promise<void> {
    const { log, meters } = this.#options;
    const said = new Set<string>();
    const statuses = attachment.connection.status();
    const stop = () => {
      // The client's type hides that this can be stopped; without it the loop would never end.
      if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop();
    };
    void attachment.connection.closed().then(stop);
    for await (const status of statuses) {
      const event = connectionEvent(status);
      if (event === null) continue;
      meters.event(event);
      const reason = typeof status.data === 'string' ? status.data : '';
      const detail = status.permissionContext;
      const key = [event, reason, detail?.operation, detail?.subject].join(' ');
      if (!said.has(key)) {
        said.add(key);
        log.warn(connectionEvents[event], { reason, ...detail });
      }
      if (event === 'stale') {
        // The client would first flush a socket that nobody reads; this doesn't wait for that.
        this.#detach(attachment, new Error('the server left pings unanswered'));
        void attachment.connection.close();
      }
    }
  }

  #tell(attachment: Attachment | null): void {
    for (const listener of this.#listeners) listener(attachment);
  }
}

type ConnectionEvent = 'server_error' | 'lame_duck' | 'stale';

const connectionEvents: Readonly<Record<ConnectionEvent, string>> = {
  server_error: 'nats_server_error',
  lame_duck: 'nats_server_ends',
  stale: 'nats_connection_stale',
};

function connectionEvent(status: Status): ConnectionEvent | null {
  switch (status.type) {
    case Events.Error:
      return 'server_error';
    case Events.LDM:
      return 'lame_duck';
    case DebugEvents.StaleConnection:
      return 'stale';
    default:
      return null;
  }
}
