/** What the integration tests of this package share: buses that are closed, servers of one's own. */
import { create } from '@bufbuild/protobuf';
import { required } from '@windlass/base';
import { RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import { createLog, createMetrics, type Metrics } from '@windlass/telemetry';
import {
  type NatsOptions,
  type OwnServer,
  ownServer,
  type RunningNats,
  startNats,
  type TestNats,
  testNats,
} from '@windlass/testkit';
import type { JetStreamManager } from 'nats';
import { afterEach } from 'vitest';
import { type Bus, type ConnectOptions, connectNats } from '../connection/bus.ts';
import { type ConsumeOptions, type Consumption, consume } from '../consume/consume.ts';
import { encodeMessage } from '../message.ts';
import { StreamKind, streamName, subjects } from '../names.ts';
import type { Publication } from '../publish/publish.ts';
import { deploymentStreams } from '../streams/definitions.ts';
import { ensureStreams } from '../streams/ensure.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Runs after the test, before what was registered earlier. */
export function afterTest(cleanUp: () => Promise<unknown>): void {
  cleanUps.push(cleanUp);
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

export type TestBus = Bus & {
  readonly lines: readonly LogLine[];
  /** The lines with this message. */
  readonly logged: (msg: string) => readonly LogLine[];
  readonly metrics: Metrics;
};

/** A bus that is closed after the test, with its log kept. */
export async function openBus(
  url: string,
  options: Partial<ConnectOptions> = {},
): Promise<TestBus> {
  const lines: LogLine[] = [];
  const log = createLog({
    app: 'test',
    level: 'debug',
    format: 'json',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const metrics = createMetrics('test');
  const bus = await connectNats({
    url,
    tls: null,
    credentials: null,
    name: 'test',
    log,
    metrics,
    ...options,
  });
  afterTest(() => bus.close());
  const logged = (msg: string) => lines.filter((line) => line.msg === msg);
  return {
    get connection() {
      return bus.connection;
    },
    get jetstream() {
      return bus.jetstream;
    },
    ping: bus.ping,
    close: bus.close,
    internal: bus.internal,
    lines,
    logged,
    metrics,
  };
}

/** A server for one test, which it may kill and start again; its data goes with it. */
export async function ownNats(
  options: Partial<NatsOptions> = {},
): Promise<OwnServer<RunningNats> & { readonly url: string; readonly port: number }> {
  const server = await ownServer(startNats, options);
  afterTest(server.drop);
  const { url, port } = server.current();
  return { ...server, url, port };
}

/** The run's shared server, and a prefix that no other test has; its streams go after the test. */
export async function testPrefix(): Promise<Pick<TestNats, 'url' | 'prefix'>> {
  const { url, prefix, drop } = await testNats();
  afterTest(drop);
  return { url, prefix };
}

/** A bus on the shared server, with the streams of a prefix of its own. */
export async function testStack(): Promise<{
  readonly url: string;
  readonly bus: TestBus;
  readonly prefix: string;
}> {
  const { url, prefix } = await testPrefix();
  const bus = await openBus(url);
  await ensureStreams(bus, deploymentStreams(prefix, 1));
  return { url, bus, prefix };
}

/** A wake-up for a deployment; its id is made from the deployment and the revision. */
export function wake(prefix: string, identifier: string, revision = 1): Publication {
  return {
    subject: subjects.revision(prefix, identifier),
    id: `${identifier}-${revision}`,
    ...encodeMessage(
      RevisionWakeSchema,
      create(RevisionWakeSchema, { identifier, revision: BigInt(revision) }),
    ),
  };
}

/** Consumes the stack's REVISIONS with short waits, until after the test. */
export function consumeRevisions(
  bus: Bus,
  prefix: string,
  options: Partial<ConsumeOptions> & Pick<ConsumeOptions, 'handle'>,
): Consumption {
  const consumption = consume(bus, {
    stream: streamName(prefix, StreamKind.Revisions),
    consumer: 'worker',
    concurrency: 4,
    ackWaitMs: 2_000,
    deliveriesMax: 5,
    backoff: { initialMs: 20, maxMs: 200 },
    onDeadLetter: async () => undefined,
    ...options,
  });
  afterTest(() => consumption.stop(0));
  return consumption;
}

/** JetStream's manager, once there is a connection. */
export async function managerOf(bus: Bus): Promise<JetStreamManager> {
  const attachment = await bus.internal.link.whenConnected(10_000);
  return required(attachment, 'a connection').manager;
}

/** Messages in a stream, and their subjects. */
export async function streamState(bus: Bus, stream: string) {
  const info = await (await managerOf(bus)).streams.info(stream, { subjects_filter: '>' });
  return {
    messages: info.state.messages,
    subjects: info.state.subjects ?? {},
    config: info.config,
  };
}
