/**
 * Consuming a stream through a durable pull consumer, for as long as the process lives.
 *
 *   make sure of the consumer ──▶ pull and handle (pull-session.ts, handlers.ts)
 *             ▲                                    │ anything goes wrong
 *             └──────────── back-off ◀─────────────┘
 *
 * Messages come at least once: a handler may see one again, also at the same time in another
 * process when this one was cut off, and must end in the same state.
 */
import { assert, type BackoffPolicy, backoffDelayMs, systemRandom } from '@windlass/base';
import { AckPolicy, type ConsumerConfig, DeliverPolicy, nanos, ReplayPolicy } from 'nats';
import { type ApiFailure, apiFailure } from '../api-failure.ts';
import type { Bus } from '../connection/bus.ts';
import type { Attachment } from '../connection/dial.ts';
import type { ReceivedMessage } from '../message.ts';
import type { ConsumerMeters } from '../meters.ts';
import { delay, withDeadline } from '../waiting.ts';
import { Answers } from './delivery.ts';
import { type HandlerContext, Handlers } from './handlers.ts';
import { PullSession } from './pull-session.ts';
import type { Verdict } from './verdict.ts';

/** Kubernetes and PostgreSQL answer or fail within seconds; a handler that still runs is stuck. */
const handlerDeadlineMsDefault = 120_000;

/**
 * Messages without a verdict, over all processes. Those that wait for a retry count, so this is how
 * many may be failing before the healthy ones behind them are held up.
 */
const unacknowledgedMax = 10_000;

/** Below this, signs of life would come too late on a busy machine. */
const ackWaitMsMin = 300;

/** Short, since most ends are a restarting server; at most 5 s, as for reconnecting. */
const restartBackoff: BackoffPolicy = { initialMs: 100, maxMs: 5_000 };

/** A session that lasted this long was sound, and its end is news. */
const soundSessionMs = 10_000;

/** The backlog is for graphs; every process asks for it. */
const backlogIntervalMs = 15_000;

/** A pod has 30 s between SIGTERM and SIGKILL, and this isn't all that has to stop. */
const stopDeadlineMsDefault = 10_000;

/** The loop notices the stop at once, unless JetStream's API leaves it waiting. */
const loopEndDeadlineMs = 2_000;

/** The last answers are on their way to the server: a round trip. */
const flushDeadlineMs = 2_000;

export type ConsumeOptions = {
  readonly stream: string;
  /** Durable name; processes with the same one share the messages. */
  readonly consumer: string;
  /** Only messages on these subjects; left out: all of the stream's. */
  readonly filterSubject?: string;
  /** Handlers that run at once in this process. As many messages again are held ready. */
  readonly concurrency: number;
  /**
   * How long the server waits for a sign of life before it delivers a message again: how late a
   * crash is noticed. At least 300; signs are sent three times as often.
   */
  readonly ackWaitMs: number;
  /** Deliveries after which a message is given up, at least 1. */
  readonly deliveriesMax: number;
  /** Delays between deliveries, by their number. */
  readonly backoff: BackoffPolicy;
  /** After this its signal aborts. Default 2 minutes. */
  readonly handlerDeadlineMs?: number;
  /** What it throws is logged, and the message retried. */
  readonly handle: (message: ReceivedMessage, context: HandlerContext) => Promise<Verdict>;
  /**
   * Keeps what is given up; the message is removed once this has returned. When it throws, or takes
   * longer than 30 s, the message is retried instead. May be called again for the same message.
   */
  readonly onDeadLetter: (message: ReceivedMessage, reason: string) => Promise<void>;
};

export type Consumption = {
  /**
   * Stops pulling, sends back what no handler has begun, and waits for the others up to the
   * deadline (default 10 s); then aborts them and sends their messages back.
   */
  readonly stop: (deadlineMs?: number) => Promise<void>;
};

/** Starts to consume, now or as soon as server, stream and consumer are there. */
export function consume(bus: Bus, options: ConsumeOptions): Consumption {
  const { link, meters: allMeters } = bus.internal;
  const { stream, consumer } = options;
  assert(options.concurrency >= 1 && options.deliveriesMax >= 1, `${consumer} would do nothing`);
  assert(options.ackWaitMs >= ackWaitMsMin, `${consumer} has an ackWaitMs below ${ackWaitMsMin}`);
  const log = bus.internal.log.child({ stream, consumer });
  const meters = allMeters.consumer(stream, consumer);
  const stopping = new AbortController();
  let session: PullSession | null = null;
  const handlers = new Handlers(
    { ...options, handlerDeadlineMs: options.handlerDeadlineMs ?? handlerDeadlineMsDefault },
    {
      answers: new Answers(link, options.ackWaitMs),
      log,
      meters,
      onRoom: () => session?.refill(),
    },
  );
  const backlog = setInterval(() => void readBacklog(bus, options, meters), backlogIntervalMs);
  const loop = pullForever(
    { bus, options, log, meters, stopping: stopping.signal },
    (attachment) => {
      session = new PullSession({
        connection: attachment.connection,
        stream,
        consumer,
        heldMax: handlers.heldMax,
        room: () => handlers.room,
        onDelivery: (delivery) => handlers.take(delivery),
      });
      return session;
    },
  );
  let stopped: Promise<void> | null = null;
  const stop = async (deadlineMs: number) => {
    clearInterval(backlog);
    stopping.abort();
    await Promise.all([session?.close('stopped'), handlers.stop(deadlineMs)]);
    // It may still wait for an answer about its consumer, and ends by itself then.
    await withDeadline(loop, loopEndDeadlineMs);
    await link.flush(flushDeadlineMs);
  };
  return {
    stop: (deadlineMs = stopDeadlineMsDefault) => {
      stopped ??= stop(deadlineMs);
      return stopped;
    },
  };
}

type LoopContext = {
  readonly bus: Bus;
  readonly options: ConsumeOptions;
  readonly log: Bus['internal']['log'];
  readonly meters: ConsumerMeters;
  readonly stopping: AbortSignal;
};

async function pullForever(
  context: LoopContext,
  startSession: (attachment: Attachment) => PullSession,
): Promise<void> {
  const { bus, log, meters } = context;
  const { link, streams } = bus.internal;
  const signal = AbortSignal.any([context.stopping, link.closed]);
  let failures = 0;
  let logged = '';
  const failed = (reason: string, detail: string) => {
    failures += 1;
    meters.restart(reason);
    // The same trouble again and again is said once.
    if (logged === `${reason} ${detail}`) return;
    logged = `${reason} ${detail}`;
    log.warn('nats_consumer_interrupted', { reason, detail });
  };
  while (!signal.aborted) {
    const attachment = await link.whenConnected(backlogIntervalMs, signal);
    if (attachment === null) continue;
    const missing = await ensureConsumer(attachment, context.options);
    if (missing === null) {
      const startedMs = performance.now();
      const session = startSession(attachment);
      log.info('nats_consumer_started');
      if (signal.aborted) await session.close('stopped');
      const end = await session.ended;
      if (end.reason === 'stopped') return;
      if (session.received > 0 || performance.now() - startedMs > soundSessionMs) {
        failures = 0;
        logged = '';
      }
      failed(end.reason, end.detail);
    } else {
      failed(missing.kind, missing.message);
      if (missing.kind === 'stream-not-found') await streams.restore();
    }
    await delay(backoffDelayMs(failures, restartBackoff, systemRandom), signal);
  }
}

/** Makes the consumer, or brings it up to date. Null when it is as it should be. */
async function ensureConsumer(
  attachment: Attachment,
  options: ConsumeOptions,
): Promise<ApiFailure | null> {
  const { consumers } = attachment.manager;
  const { stream, consumer } = options;
  const config: ConsumerConfig = {
    durable_name: consumer,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(options.ackWaitMs),
    max_deliver: options.deliveriesMax,
    max_ack_pending: unacknowledgedMax,
    ...(options.filterSubject === undefined ? {} : { filter_subject: options.filterSubject }),
  };
  try {
    // One that exists just so is no error: any number of processes do this.
    await consumers.add(stream, config);
    return null;
  } catch (error) {
    const failure = apiFailure(error);
    if (failure.kind !== 'consumer-exists') return failure;
  }
  try {
    await consumers.update(stream, consumer, config);
    return null;
  } catch (error) {
    return apiFailure(error);
  }
}

async function readBacklog(
  bus: Bus,
  { stream, consumer }: ConsumeOptions,
  meters: ConsumerMeters,
): Promise<void> {
  const { link, log } = bus.internal;
  if (link.attachment === null) return;
  try {
    const info = await link.attachment.manager.consumers.info(stream, consumer);
    meters.backlog(info.num_pending, info.num_ack_pending);
  } catch (error) {
    // The loop itself finds out what is wrong; a graph with a gap is what there is to see here.
    log.debug('nats_backlog_unknown', { stream, consumer, error });
  }
}
