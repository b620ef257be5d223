import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { decodeMessage, type ReceivedMessage } from '../message.ts';
import type { HandlerContext } from './handlers.ts';
import type { Verdict } from './verdict.ts';

/**
 * A handler for one protobuf type. A message of another type, or whose bytes can't be read, is a
 * dead letter at once: it would fail again each time. Fields that a newer sender added are ignored.
 */
export function typedHandler<Schema extends DescMessage>(
  schema: Schema,
  handle: (
    value: MessageShape<Schema>,
    message: ReceivedMessage,
    context: HandlerContext,
  ) => Promise<Verdict>,
): (message: ReceivedMessage, context: HandlerContext) => Promise<Verdict> {
  return async (message, context) => {
    const decoded = decodeMessage(schema, message);
    if (!decoded.ok) return { kind: 'dead', reason: decoded.error };
    return handle(decoded.value, message, context);
  };
}
