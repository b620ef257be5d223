/** What the adapter counts. One set per process, however many connections and consumers it has. */
import type { Metrics } from '@windlass/telemetry';

export type ConnectionMeters = {
  readonly connected: (isConnected: boolean) => void;
  readonly event: (event: string) => void;
};

export type Verdicts = 'ack' | 'retry' | 'dead' | 'lost';

export type ConsumerMeters = {
  readonly message: (verdict: Verdicts) => void;
  readonly handled: (seconds: number) => void;
  readonly inFlight: (count: number) => void;
  readonly redelivery: () => void;
  readonly backlog: (waiting: number, unacknowledged: number) => void;
  readonly restart: (reason: string) => void;
};

export type Meters = ConnectionMeters & {
  readonly published: (outcome: string, seconds: number) => void;
  readonly consumer: (stream: string, consumer: string) => ConsumerMeters;
};

/** Publishing takes a millisecond on one machine, and up to its deadline when the server restarts. */
const publishBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10];

/** Handlers talk to Kubernetes and PostgreSQL: from a millisecond to the handler's deadline. */
const handlerBucketsSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120];

/** The meters of a registry; asked for again, they are the same ones. */
export function createMeters(metrics: Metrics): Meters {
  const connected = metrics.gauge('nats_connected', '1 while there is a connection to NATS.');
  const events = metrics.counter(
    'nats_connection_events_total',
    'What happened to the connection.',
    ['event'],
  );
  const published = metrics.histogram(
    'nats_publish_seconds',
    'From handing over a message to its acknowledgement or failure, retries included.',
    ['outcome'],
    publishBucketsSeconds,
  );
  const consumer = consumerMeters(metrics);
  return {
    connected: (isConnected) => connected.set(isConnected ? 1 : 0),
    event: (event) => events.inc({ event }),
    published: (outcome, seconds) => published.observe({ outcome }, seconds),
    consumer,
  };
}

function consumerMeters(metrics: Metrics): Meters['consumer'] {
  const names = ['stream', 'consumer'] as const;
  const messages = metrics.counter(
    'nats_messages_total',
    'Messages by what became of them: ack, retry, dead, or lost (no verdict reached the server).',
    [...names, 'verdict'] as const,
  );
  const handled = metrics.histogram(
    'nats_handler_seconds',
    'How long handlers ran.',
    names,
    handlerBucketsSeconds,
  );
  const inFlight = metrics.gauge('nats_in_flight', 'Handlers that run now.', names);
  const redeliveries = metrics.counter(
    'nats_redeliveries_total',
    'Messages that came a second time or later.',
    names,
  );
  const pending = metrics.gauge('nats_pending', 'Messages that wait in the stream.', names);
  const unacknowledged = metrics.gauge(
    'nats_unacknowledged',
    'Messages that were delivered, to any process, and have no verdict yet.',
    names,
  );
  const restarts = metrics.counter(
    'nats_consumer_restarts_total',
    'How often the pull loop was set up again, and why.',
    [...names, 'reason'] as const,
  );
  return (stream, consumer) => {
    const labels = { stream, consumer };
    return {
      message: (verdict) => messages.inc({ ...labels, verdict }),
      handled: (seconds) => handled.observe(labels, seconds),
      inFlight: (count) => inFlight.set(labels, count),
      redelivery: () => redeliveries.inc(labels),
      backlog: (waiting, sent) => {
        pending.set(labels, waiting);
        unacknowledged.set(labels, sent);
      },
      restart: (reason) => restarts.inc({ ...labels, reason }),
    };
  };
}
