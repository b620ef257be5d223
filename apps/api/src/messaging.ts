/**
 * NATS as the API uses it: the outbox goes out, news of other processes come in. All of it in the
 * background: while NATS is away requests are taken as ever and wait in the outbox.
 */

import { WindlassError } from '@windlass/errors';
import { superviseLoop } from '@windlass/lifecycle';
import {
  type ActivityPublisher,
  type Bus,
  createActivityPublisher,
  deploymentStreams,
  ensureStreams,
  subjects,
  subscribeCore,
} from '@windlass/nats';
import type { DeploymentStore } from '@windlass/postgres';
import type { Log, Metrics } from '@windlass/telemetry';
import { createOutboxRelay, type OutboxRelay } from './relay/outbox-relay.ts';

/** Between tries to connect, or to go on after PostgreSQL failed. */
const backoffPolicy = { initialMs: 100, maxMs: 5_000 };
/** JetStream answers in milliseconds; after this it is tried anew. */
const streamsDeadlineMs = 10_000;

export type Messaging = {
  /** A change was committed: the outbox and the feed have grown. */
  readonly onCommitted: (identifier: string) => void;
  /** For readiness: rejects while NATS doesn't answer. */
  readonly ping: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function startMessaging(options: {
  readonly store: Pick<DeploymentStore, 'relayOutbox'>;
  readonly connectBus: () => Promise<Bus>;
  readonly subjectPrefix: string;
  readonly streamReplicas: number;
  /** Somebody else added to the feed. */
  readonly onActivity: () => void;
  readonly log: Log;
  readonly metrics: Metrics;
}): Messaging {
  const { store, subjectPrefix, log, metrics } = options;
  const controller = new AbortController();
  let bus: Bus | null = null;
  let relay: OutboxRelay | null = null;
  let subscription: { readonly stop: () => void } | null = null;
  let activity: ActivityPublisher | null = null;

  const finished = superviseLoop('messaging', goOn, {
    signal: controller.signal,
    log,
    backoff: backoffPolicy,
  });

  return {
    onCommitted: (identifier) => {
      relay?.wake();
      activity?.wake(identifier);
    },
    ping: async () => {
      if (bus === null) throw new WindlassError('unavailable', 'no connection to NATS');
      await bus.ping();
    },
    stop: async () => {
      controller.abort();
      await finished;
      activity?.stop();
      subscription?.stop();
    },
  };

  async function goOn(signal: AbortSignal): Promise<void> {
    bus ??= await options.connectBus();
    activity ??= createActivityPublisher(bus, subjectPrefix);
    if (relay === null) {
      const streams = deploymentStreams(subjectPrefix, options.streamReplicas);
      await ensureStreams(bus, streams, streamsDeadlineMs);
      subscription ??= subscribeCore(bus, {
        subject: subjects.activity(subjectPrefix),
        onMessage: options.onActivity,
        onGap: options.onActivity,
      });
      relay = createOutboxRelay({ store, bus, subjectPrefix, log, metrics });
    }
    await relay.run(signal);
  }
}
