/**
 * One subscription that pulls from one consumer, for as long as all goes well. At the first sign of
 * trouble it ends and says why; consume.ts then checks that the consumer exists and starts the next
 * one, with an inbox of its own. So there is one way to recover, and nothing asked for in one
 * session can arrive in the next.
 */
import { createInbox, type NatsConnection, nanos, type Subscription } from 'nats';
import { withDeadline } from '../waiting.ts';
import { type Delivery, deliveryOf, type PulledMessage } from './delivery.ts';

/** A request for messages is renewed this often; the server forgets those of dead processes then. */
const pullExpiresMs = 30_000;

/** The server says this often that a request still stands. */
const heartbeatMs = 5_000;

/** Silence for this long means that the request is lost: two heartbeats and some delay. */
const silenceMaxMs = 12_000;

/** A session that ends takes in what is still on its way, for at most this long. */
const drainDeadlineMs = 2_000;

export type SessionEnd =
  | 'stopped'
  | 'connection_lost'
  | 'consumer_deleted'
  | 'no_responders'
  | 'leadership_changed'
  | 'heartbeats_missed'
  | 'refused';

/** What a session needs of a connection. */
export type PullConnection = Pick<NatsConnection, 'publish' | 'isClosed'> & {
  subscribe(
    subject: string,
    options: { readonly callback: (error: Error | null, message: PulledMessage) => void },
  ): Pick<Subscription, 'getSubject' | 'drain'>;
  closed(): Promise<unknown>;
};

export type SessionOptions = {
  readonly connection: PullConnection;
  readonly stream: string;
  readonly consumer: string;
  /** How many more messages can be taken in now. */
  readonly room: () => number;
  /** Messages that are held at most; sets how large a request must be to be worth sending. */
  readonly heldMax: number;
  readonly onDelivery: (delivery: Delivery) => void;
};

/**
 * How many messages to ask for now; 0 where it's better to wait. Small requests are saved up to a
 * quarter of what may be held, unless nothing is asked for at all.
 */
export function pullBatch(window: {
  readonly room: number;
  readonly outstanding: number;
  readonly heldMax: number;
}): number {
  const missing = Math.max(0, window.room - window.outstanding);
  const isWorthwhile = missing >= window.heldMax / 4 || window.outstanding === 0;
  return isWorthwhile ? missing : 0;
}

export class PullSession {
  /** Why it ended. Never rejects. */
  readonly ended: Promise<{ readonly reason: SessionEnd; readonly detail: string }>;
  readonly #options: SessionOptions;
  readonly #subscription: Pick<Subscription, 'getSubject' | 'drain'>;
  readonly #heartbeats: NodeJS.Timeout;
  #end: (end: { readonly reason: SessionEnd; readonly detail: string }) => void = () => undefined;
  #isEnding = false;
  /** Messages asked for and not yet come. Invariant: at least 0. */
  #outstanding = 0;
  #heardAtMs = performance.now();
  #received = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { connection } = options;
    this.#subscription = connection.subscribe(createInbox(), {
      callback: (error, message) => this.#onMessage(error, message),
    });
    void connection.closed().then(() => this.close('connection_lost'));
    this.#heartbeats = setInterval(() => this.#checkSilence(), heartbeatMs);
    this.refill();
  }

  /** Messages that came in this session. */
  get received(): number {
    return this.#received;
  }

  /** Asks for as many messages as there is room for. Called whenever room was made. */
  refill(): void {
    if (this.#isEnding) return;
    const { connection, stream, consumer, room, heldMax } = this.#options;
    const batch = pullBatch({ room: room(), outstanding: this.#outstanding, heldMax });
    if (batch === 0 || connection.isClosed()) return;
    if (this.#outstanding === 0) this.#heardAtMs = performance.now();
    this.#outstanding += batch;
    const request = {
      batch,
      expires: nanos(pullExpiresMs),
      idle_heartbeat: nanos(heartbeatMs),
    };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: this.#subscription.getSubject(),
    });
  }

  /** Ends it: nothing more is asked for, and what is on its way is still handed over. */
  async close(reason: SessionEnd, detail = ''): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    clearInterval(this.#heartbeats);
    if (!this.#options.connection.isClosed()) {
      await withDeadline(this.#subscription.drain(), drainDeadlineMs);
    }
    this.#end({ reason, detail });
  }

  // Whatever escaped from here would end the client's reading of its socket.
  #onMessage(error: Error | null, message: PulledMessage): void {
    if (error !== null) {
      void this.close('refused', error.message);
      return;
    }
    this.#heardAtMs = performance.now();
    const delivery = deliveryOf(message);
    if (delivery === null) {
      this.#onStatus(message);
      return;
    }
    this.#outstanding = Math.max(0, this.#outstanding - 1);
    this.#received += 1;
    this.#options.onDelivery(delivery);
    this.refill();
  }

  #onStatus(message: PulledMessage): void {
    const code = message.headers?.code ?? 0;
    const detail = message.headers?.description ?? '';
    if (code >= 100 && code < 200) return;
    const unfilled = Number.parseInt(message.headers?.get('Nats-Pending-Messages') ?? '', 10);
    if (code === 408 && Number.isSafeInteger(unfilled)) {
      this.#outstanding = Math.max(0, this.#outstanding - unfilled);
      this.refill();
      return;
    }
    void this.close(reasonOf(code, detail), `${code} ${detail}`);
  }

  #checkSilence(): void {
    if (this.#outstanding === 0) return;
    const isSilent = () => performance.now() - this.#heardAtMs > silenceMaxMs;
    // A process that stood still runs its timers first: what came meanwhile is read before judging.
    if (isSilent()) setImmediate(() => isSilent() && void this.close('heartbeats_missed'));
  }
}

function reasonOf(code: number, description: string): SessionEnd {
  if (code === 503) return 'no_responders';
  if (code === 409 && /consumer deleted/i.test(description)) return 'consumer_deleted';
  if (code === 409 && /leadership change|server shutdown/i.test(description)) {
    return 'leadership_changed';
  }
  return 'refused';
}
