/** Core NATS: messages to whoever listens now, not stored and not acknowledged. For wake-ups whose
 * readers also poll. */
import { currentTraceparent } from '@windlass/telemetry';
import type { Bus } from '../connection/bus.ts';
import { type CoreMessage, messageHeaders, readHeaders } from '../message.ts';

export type CorePublication = {
  readonly subject: string;
  /** Full name of the protobuf type; see encodeMessage. */
  readonly type: string;
  readonly payload: Uint8Array;
  /** W3C traceparent to send along; left out: that of what runs now. */
  readonly traceparent?: string | null;
};

/**
 * Hands a message to the connection. False where there is none: the message is dropped, since
 * nobody waits for an old wake-up.
 */
export function publishCore(bus: Bus, publication: CorePublication): boolean {
  const { attachment } = bus.internal.link;
  if (attachment === null) return false;
  const { subject, type, payload } = publication;
  const traceparent =
    publication.traceparent === undefined ? currentTraceparent() : publication.traceparent;
  try {
    const headers = messageHeaders(type, null, traceparent);
    attachment.connection.publish(subject, payload, { headers });
    return true;
  } catch (error) {
    // The connection was lost a moment ago, or the message is larger than the server takes.
    bus.internal.log.warn('nats_core_message_dropped', { subject, error });
    return false;
  }
}

/**
 * Calls the function with each message on the subject (wildcards allowed), as they come. Messages
 * that are sent while the connection is lost are missed; the subscription itself outlives it.
 *
 * @param onMessage must be quick; what it throws is logged
 * @param onGap called after each lost connection: messages may have been missed
 */
export function subscribeCore(
  bus: Bus,
  options: {
    readonly subject: string;
    readonly onMessage: (message: CoreMessage) => void;
    readonly onGap?: () => void;
  },
): { readonly stop: () => void } {
  const { link, log } = bus.internal;
  const { subject } = options;
  let unsubscribe: (() => void) | null = null;
  const subscribe = () => {
    const connection = link.attachment?.connection;
    if (connection === undefined) return;
    const subscription = connection.subscribe(subject, {
      callback: (error, message) => {
        // Whatever escaped from here would end the client's reading of its socket.
        try {
          if (error !== null) throw error;
          const { type, traceparent } = readHeaders(() => message.headers).fields;
          options.onMessage({ subject: message.subject, type, payload: message.data, traceparent });
        } catch (thrown) {
          log.error('nats_core_message_failed', { subject, error: thrown });
        }
      },
    });
    unsubscribe = () => {
      if (!connection.isClosed()) subscription.unsubscribe();
    };
  };
  const stopListening = link.onChange((attachment) => {
    if (attachment === null) return;
    subscribe();
    options.onGap?.();
  });
  subscribe();
  return {
    stop: () => {
      stopListening();
      unsubscribe?.();
    },
  };
}
