/**
 * The backstop for messages whose consumer never gave a verdict, because its process died each
 * time: after the last delivery the server says so in an advisory and leaves the message where it
 * is, in a work queue for ever. This reads the advisories, keeps a dead letter, and removes it.
 */
import { fail, ok, type Result } from '@windlass/base';
import type { JetStreamManager, StoredMsg } from 'nats';
import { apiFailure } from './api-failure.ts';
import type { Bus } from './connection/bus.ts';
import { type Consumption, consume } from './consume/consume.ts';
import type { Verdict } from './consume/verdict.ts';
import { type ReceivedMessage, readHeaders } from './message.ts';
import { StreamKind, streamName } from './names.ts';

/** Durable name of the consumer; all workers share it. */
const consumerName = 'max-deliveries';

/** Advisories are rare, and each needs three round trips. */
const concurrency = 2;

/** Three round trips and onDeadLetter are over in this, or it's tried again. */
const ackWaitMs = 30_000;

/** Half a day at the longest back-off: as long as a dead letter's database may be away. */
const deliveriesMax = 150;

const backoff = { initialMs: 1_000, maxMs: 300_000 };

/** What the server says (nats-server, JSConsumerDeliveryExceededAdvisory). */
type Advisory = {
  readonly stream: string;
  readonly consumer: string;
  readonly sequence: number;
  readonly deliveries: number;
};

/**
 * Watches for messages that were delivered as often as they may be.
 *
 * @param options.onDeadLetter keeps the message; it is removed from its stream once this has
 *   returned, and tried again when it throws. May be called again for the same message.
 */
export function watchMaxDeliveries(
  bus: Bus,
  options: {
    /** The stack's subject prefix. */
    readonly prefix: string;
    readonly onDeadLetter: (
      message: ReceivedMessage,
      reason: string,
      attempts: number,
    ) => Promise<void>;
  },
): Consumption {
  const { log } = bus.internal;
  return consume(bus, {
    stream: streamName(options.prefix, StreamKind.Advisories),
    consumer: consumerName,
    concurrency,
    ackWaitMs,
    deliveriesMax,
    backoff,
    handle: async (notice): Promise<Verdict> => {
      const advisory = parseAdvisory(notice.payload);
      if (!advisory.ok) return { kind: 'dead', reason: advisory.error };
      const { manager } = bus.internal.link.attachment ?? {};
      if (manager === undefined) return { kind: 'retry', reason: 'no connection to NATS' };
      const { stream, sequence, deliveries } = advisory.value;
      const stored = await loadMessage(manager, stream, sequence);
      // Acknowledged or replaced in the meantime: there is nothing left to give up.
      if (stored === null) return { kind: 'ack' };
      const message = receivedMessage(stored, advisory.value);
      const reason = `no verdict after ${deliveries} deliveries`;
      await options.onDeadLetter(message, reason, deliveries);
      await removeMessage(manager, stream, sequence);
      log.error('nats_message_dead', { stream, sequence, subject: message.subject, reason });
      return { kind: 'ack' };
    },
    onDeadLetter: async (notice, reason) => {
      // The message itself is still in its stream, so nothing is lost; people have to look.
      log.error('nats_advisory_given_up', {
        stream: notice.stream,
        subject: notice.subject,
        reason,
      });
    },
  });
}

/** Reads the server's advisory. Fields that it adds later are ignored. */
export function parseAdvisory(payload: Uint8Array): Result<Advisory, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return fail('the advisory is no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) return fail('the advisory is no object');
  const fields = new Map<string, unknown>(Object.entries(parsed));
  const stream = fields.get('stream');
  const consumer = fields.get('consumer');
  const sequence = fields.get('stream_seq');
  const deliveries = fields.get('deliveries');
  const isComplete =
    typeof stream === 'string' &&
    typeof consumer === 'string' &&
    typeof sequence === 'number' &&
    typeof deliveries === 'number';
  if (!isComplete) return fail('the advisory names no stream, consumer, stream_seq or deliveries');
  return ok({ stream, consumer, sequence, deliveries });
}

async function loadMessage(
  manager: JetStreamManager,
  stream: string,
  sequence: number,
): Promise<StoredMsg | null> {
  try {
    return await manager.streams.getMessage(stream, { seq: sequence });
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function removeMessage(
  manager: JetStreamManager,
  stream: string,
  sequence: number,
): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, sequence, false);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  const { kind } = apiFailure(error);
  return kind === 'message-not-found' || kind === 'stream-not-found';
}

function receivedMessage(stored: StoredMsg, advisory: Advisory): ReceivedMessage {
  return {
    ...readHeaders(() => stored.header).fields,
    subject: stored.subject,
    payload: stored.data,
    stream: advisory.stream,
    consumer: advisory.consumer,
    sequence: advisory.sequence,
    deliveries: advisory.deliveries,
    storedAtMs: stored.time.getTime(),
  };
}
