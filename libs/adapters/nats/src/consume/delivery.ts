/** One delivery of a message: what it holds, and how the server is told about it. */
import { fail, ok, type Result } from '@windlass/base';
import { type Msg, nanos } from 'nats';
import type { Link } from '../connection/link.ts';
import { type ReceivedMessage, readHeaders } from '../message.ts';

/** What a consumer may answer a delivery (NATS ADR-15, "Ack types"). */
const Answer = { Ack: '+ACK', Nak: '-NAK', Working: '+WPI', Terminate: '+TERM' } as const;

/** What is looked at of what the client hands over. */
export type PulledMessage = Pick<Msg, 'subject' | 'reply' | 'headers' | 'data'>;

export type Delivery = {
  readonly message: ReceivedMessage;
  /** Where the answers go. Names the delivery, not a connection. */
  readonly replySubject: string;
  /** Why the message can't even be looked at, or null. */
  readonly defect: string | null;
};

type AckSubject = Pick<
  ReceivedMessage,
  'stream' | 'consumer' | 'sequence' | 'deliveries' | 'storedAtMs'
>;

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<delivery sequence>.<nanoseconds>.
 * <pending>`; newer servers put a domain and an account's hash before the stream (ADR-15).
 */
export function parseAckSubject(subject: string): Result<AckSubject, string> {
  const tokens = subject.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9 || tokens.length === 10) {
    return fail(`"${subject}" is no acknowledgement subject`);
  }
  const [stream = '', consumer = '', ...numbers] = tokens.slice(tokens.length === 9 ? 2 : 4);
  const [deliveries = Number.NaN, sequence = Number.NaN, , nanoseconds = Number.NaN] =
    numbers.map(Number);
  if (!Number.isSafeInteger(deliveries) || !Number.isSafeInteger(sequence)) {
    return fail(`"${subject}" is no acknowledgement subject`);
  }
  const storedAtMs = Math.floor(nanoseconds / 1e6);
  return ok({ stream, consumer, deliveries, sequence, storedAtMs });
}

/** The delivery in a message of a pull; null for what isn't one, such as a status. */
export function deliveryOf(raw: PulledMessage): Delivery | null {
  const replySubject = raw.reply ?? '';
  const position = parseAckSubject(replySubject);
  if (!position.ok) return null;
  const headers = readHeaders(() => raw.headers);
  return {
    message: { subject: raw.subject, payload: raw.data, ...headers.fields, ...position.value },
    replySubject,
    defect: headers.defect,
  };
}

/** Sends answers, over whichever connection there is: they outlive the one that delivered. */
export class Answers {
  readonly #link: Link;
  readonly #deadlineMs: number;

  /** @param deadlineMs how long an answer may wait for a connection: later ones are of no use */
  constructor(link: Link, deadlineMs: number) {
    this.#link = link;
    this.#deadlineMs = deadlineMs;
  }

  /** Handled: remove it. */
  ack(delivery: Delivery): Promise<boolean> {
    return this.#send(delivery, Answer.Ack);
  }

  /** Given up, and kept elsewhere: remove it. */
  terminate(delivery: Delivery): Promise<boolean> {
    return this.#send(delivery, Answer.Terminate);
  }

  /** Deliver it again after the delay. */
  retry(delivery: Delivery, delayMs: number): Promise<boolean> {
    const delay = delayMs > 0 ? ` ${JSON.stringify({ delay: nanos(delayMs) })}` : '';
    return this.#send(delivery, `${Answer.Nak}${delay}`);
  }

  /** Still at it: start ack_wait anew. Not sent while there is no connection. */
  working(delivery: Delivery): void {
    const connection = this.#link.attachment?.connection;
    if (connection !== undefined && !connection.isClosed()) {
      connection.publish(delivery.replySubject, Answer.Working);
    }
  }

  /** False when there was no connection in time: the server delivers the message again. */
  async #send(delivery: Delivery, answer: string): Promise<boolean> {
    const attachment = await this.#link.whenConnected(this.#deadlineMs);
    if (attachment === null || attachment.connection.isClosed()) return false;
    attachment.connection.publish(delivery.replySubject, answer);
    return true;
  }
}
