/**
 * Dead letters, in two places: the stream keeps them whatever happens to the database, the table is
 * what the API lists and replays. Writing one twice is writing it once, in both.
 */
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Bus, deadLetterOf, publishDeadLetter, type ReceivedMessage } from '@windlass/nats';
import type { ClaimedRevision, DeploymentStore } from '@windlass/postgres';
import { DeadLetterSchema } from '@windlass/proto/deployment/v1';

export type DeadLetterOffice = {
  /** A revision whose tries are used up. Its row is written when the revision is ended. */
  readonly revision: (claim: ClaimedRevision, reason: string, tries: number) => Promise<void>;
  /** A message that can't be read, or that was delivered as often as it may be. */
  readonly message: (message: ReceivedMessage, reason: string, attempts: number) => Promise<void>;
};

export function createDeadLetterOffice(
  bus: Bus,
  prefix: string,
  store: Pick<DeploymentStore, 'recordDeadLetter'>,
): DeadLetterOffice {
  return {
    revision: (claim, reason, attempts) =>
      publishDeadLetter(
        bus,
        prefix,
        create(DeadLetterSchema, {
          identifier: claim.identifier,
          requestId: claim.request,
          revision: BigInt(claim.revision),
          attempts,
          reason,
          givenUpAt: timestampFromMs(Date.now()),
        }),
      ),
    message: async (message, reason, attempts) => {
      await publishDeadLetter(bus, prefix, deadLetterOf(message, reason, attempts));
      await store.recordDeadLetter({
        deduplicationId: `${message.stream}:${message.sequence}`,
        stream: message.stream,
        subject: message.subject,
        payload: message.payload,
        reason,
        attempts,
      });
    },
  };
}
