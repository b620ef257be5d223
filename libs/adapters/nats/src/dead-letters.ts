/** Dead letters: what is kept of work that was given up. */
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { systemClock } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import {
  type DeadLetter,
  DeadLetterSchema,
  DeploymentWakeSchema,
  RevisionWakeSchema,
} from '@windlass/proto/deployment/v1';
import type { Bus } from './connection/bus.ts';
import { decodeMessage, encodeMessage, type ReceivedMessage } from './message.ts';
import { subjects } from './names.ts';
import { publish } from './publish/publish.ts';

/** Reasons may quote an answer of Kubernetes; the stream takes 64 KiB in all. */
const reasonLengthMax = 8_192;

/** Last token of the subject of letters that aren't about a message. */
const revisionSource = 'revision';

/**
 * The dead letter of a message, with what can be read from it about the deployment.
 *
 * @param attempts how often it was tried, at least 0
 */
export function deadLetterOf(
  message: ReceivedMessage,
  reason: string,
  attempts: number,
): DeadLetter {
  return create(DeadLetterSchema, {
    stream: message.stream,
    consumer: message.consumer,
    streamSequence: BigInt(message.sequence),
    subject: message.subject,
    payload: message.payload,
    reason: reason.slice(0, reasonLengthMax),
    attempts,
    ...deploymentOf(message),
    givenUpAt: timestampFromMs(systemClock.nowMs()),
  });
}

function deploymentOf(message: ReceivedMessage) {
  const revision = decodeMessage(RevisionWakeSchema, message);
  if (revision.ok) {
    const { identifier, requestId, revision: number } = revision.value;
    return { identifier, requestId, revision: number };
  }
  const sync = decodeMessage(DeploymentWakeSchema, message);
  return { identifier: sync.ok ? sync.value.name : '' };
}

/**
 * Publishes a dead letter and waits until its stream has it. The same letter twice is kept once:
 * its id is the message's stream and sequence, or the revision it is about.
 *
 * @throws WindlassError `unavailable` unless it is kept. Not a value, so that a caller that removes
 *   the work afterwards can't overlook it.
 */
export async function publishDeadLetter(
  bus: Bus,
  prefix: string,
  letter: DeadLetter,
): Promise<void> {
  const isOfMessage = letter.stream !== '';
  const outcome = await publish(bus, {
    subject: subjects.deadLetter(prefix, isOfMessage ? letter.stream : revisionSource),
    id: isOfMessage
      ? `${letter.stream}:${letter.streamSequence}`
      : `${revisionSource}:${letter.identifier}:${letter.revision}`,
    ...encodeMessage(DeadLetterSchema, letter),
  });
  if (!outcome.ok) {
    throw new WindlassError('unavailable', `the dead letter is not kept: ${outcome.error.reason}`, {
      cause: outcome.error.cause,
    });
  }
}
