/**
 * Messages as the rest of the code sees them: protobuf bytes whose type, id and trace context
 * travel in headers.
 *
 * | header         | holds                                                    |
 * |----------------|----------------------------------------------------------|
 * | Windlass-Type  | full name of the protobuf type, windlass.x.v1.Message    |
 * | Nats-Msg-Id    | what JetStream de-duplicates by                          |
 * | traceparent    | W3C trace context, where there is one                    |
 * | Content-Type   | application/protobuf                                     |
 */
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { fail, ok, type Result } from '@windlass/base';
import { type MsgHdrs, headers as newHeaders } from 'nats';

export const Header = {
  Type: 'Windlass-Type',
  Id: 'Nats-Msg-Id',
  Traceparent: 'traceparent',
  ContentType: 'Content-Type',
} as const;

const contentType = 'application/protobuf';

/** A message from core NATS: not stored, delivered at most once. */
export type CoreMessage = {
  readonly subject: string;
  /** Full name of the protobuf type; empty where the sender named none. */
  readonly type: string;
  readonly payload: Uint8Array;
  /** W3C traceparent of the sender, or null. */
  readonly traceparent: string | null;
};

/** A message from a stream. */
export type ReceivedMessage = CoreMessage & {
  /** Nats-Msg-Id; empty where the sender gave none. */
  readonly id: string;
  readonly stream: string;
  readonly consumer: string;
  /** Position in the stream, at least 1. The same for every delivery of the message. */
  readonly sequence: number;
  /** Deliveries so far, this one included: at least 1. */
  readonly deliveries: number;
  /** When the stream stored it, milliseconds since 1970 on the server's clock. */
  readonly storedAtMs: number;
};

/** Type and bytes of a message, to spread into what is published. */
export function encodeMessage<Schema extends DescMessage>(
  schema: Schema,
  init: MessageInitShape<Schema>,
): { readonly type: string; readonly payload: Uint8Array } {
  return { type: schema.typeName, payload: toBinary(schema, create(schema, init)) };
}

/**
 * The message by its schema. Fields that the schema doesn't know (a newer sender's) are kept and
 * ignored. Another type or broken bytes fail with a reason for people: such a message can never be
 * handled, so the verdict is `dead`.
 */
export function decodeMessage<Schema extends DescMessage>(
  schema: Schema,
  message: Pick<CoreMessage, 'type' | 'payload'>,
): Result<MessageShape<Schema>, string> {
  if (message.type !== schema.typeName) {
    return fail(`its type is "${message.type}", not ${schema.typeName}`);
  }
  try {
    return ok(fromBinary(schema, message.payload));
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'unknown error';
    return fail(`its ${message.payload.length} bytes are no ${schema.typeName}: ${detail}`);
  }
}

/** @param id null for core NATS, which doesn't de-duplicate */
export function messageHeaders(
  type: string,
  id: string | null,
  traceparent: string | null,
): MsgHdrs {
  const headers = newHeaders();
  headers.set(Header.Type, type);
  headers.set(Header.ContentType, contentType);
  if (id !== null) headers.set(Header.Id, id);
  if (traceparent !== null) headers.set(Header.Traceparent, traceparent);
  return headers;
}

export type HeaderFields = Pick<ReceivedMessage, 'type' | 'id' | 'traceparent'>;

/**
 * What we keep in headers. The client decodes them on first use and throws where a name isn't
 * printable ASCII: that is a defect of the message, which then has no type.
 */
export function readHeaders(read: () => MsgHdrs | undefined): {
  readonly fields: HeaderFields;
  readonly defect: string | null;
} {
  try {
    const headers = read();
    const value = (name: string) => headers?.get(name) ?? '';
    const traceparent = value(Header.Traceparent);
    return {
      fields: {
        type: value(Header.Type),
        id: value(Header.Id),
        traceparent: traceparent === '' ? null : traceparent,
      },
      defect: null,
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'unknown error';
    return {
      fields: { type: '', id: '', traceparent: null },
      defect: `its headers are broken: ${detail}`,
    };
  }
}
