/**
 * The messages in hand: those whose handler runs, and a bounded few that wait for one. Each is kept
 * from being delivered elsewhere while it is here, and ends with exactly one answer.
 */
import { systemRandom } from '@windlass/base';
import { isPassing } from '@windlass/errors';
import { type Log, runWithTraceparent, withSpan } from '@windlass/telemetry';
import type { ReceivedMessage } from '../message.ts';
import type { ConsumerMeters } from '../meters.ts';
import { withDeadline } from '../waiting.ts';
import type { Answers, Delivery } from './delivery.ts';
import { decide, type RetryPolicy, type Verdict } from './verdict.ts';

/** After its signal, a handler that listens to it needs no longer than this to come back. */
const abortGraceMs = 1_000;

/** For onDeadLetter: a publication with its retries, and a row in a database. */
const deadLetterDeadlineMs = 30_000;

/** ack_wait is started anew three times before it would end: two of them may be lost. */
const workingPerAckWait = 3;

/** Messages that there is no room for go elsewhere; at once, they might come straight back. */
const noRoomDelayMs = 1_000;

export type HandlerContext = {
  /** How often the message has been delivered, this time included: at least 1. */
  readonly delivery: number;
  /** Aborts at the handler's deadline, and when the process can't wait for it any longer. */
  readonly signal: AbortSignal;
  /**
   * Says that the message is still being worked on. Done by itself while the handler runs; only for
   * a handler that keeps the event loop busy for long.
   */
  readonly working: () => void;
};

export type HandlersOptions = RetryPolicy & {
  readonly concurrency: number;
  readonly ackWaitMs: number;
  readonly handlerDeadlineMs: number;
  readonly handle: (message: ReceivedMessage, context: HandlerContext) => Promise<Verdict>;
  readonly onDeadLetter: (message: ReceivedMessage, reason: string) => Promise<void>;
};

/** One message in hand. */
type Held = { readonly delivery: Delivery; readonly abort: AbortController; isOverdue: boolean };

export class Handlers {
  /** Messages in hand at most: as many wait as run, so that no handler idles for a round trip. */
  readonly heldMax: number;
  readonly #options: HandlersOptions;
  readonly #answers: Answers;
  readonly #log: Log;
  readonly #meters: ConsumerMeters;
  readonly #onRoom: () => void;
  readonly #waiting: Held[] = [];
  readonly #running = new Set<Held>();
  readonly #working: NodeJS.Timeout;
  #isStopping = false;
  #onIdle: () => void = () => undefined;

  constructor(
    options: HandlersOptions,
    edge: {
      readonly answers: Answers;
      readonly log: Log;
      readonly meters: ConsumerMeters;
      /** Called when a message has left and another could be taken in. */
      readonly onRoom: () => void;
    },
  ) {
    this.heldMax = 2 * options.concurrency;
    this.#options = options;
    this.#answers = edge.answers;
    this.#log = edge.log;
    this.#meters = edge.meters;
    this.#onRoom = edge.onRoom;
    this.#working = setInterval(() => this.#sayWorking(), options.ackWaitMs / workingPerAckWait);
  }

  /**
   * How many more messages can be taken in. A handler past its deadline makes no room: nothing is
   * held ready for a place that may never be free.
   */
  get room(): number {
    if (this.#isStopping) return 0;
    const sound = this.#options.concurrency - this.#overdueCount;
    const held = this.#waiting.length + this.#running.size - this.#overdueCount;
    return 2 * sound - held;
  }

  /** Takes a message in, or sends it back where there is no room. Never throws. */
  take(delivery: Delivery): void {
    if (this.room <= 0) {
      void this.#answers.retry(delivery, this.#isStopping ? 0 : noRoomDelayMs);
      return;
    }
    if (delivery.message.deliveries > 1) this.#meters.redelivery();
    this.#waiting.push({ delivery, abort: new AbortController(), isOverdue: false });
    this.#startNext();
  }

  /**
   * Sends back what waits, lets running handlers finish within the deadline, then aborts and sends
   * back the rest.
   */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    const unstarted = this.#waiting.splice(0);
    await Promise.all(unstarted.map(({ delivery }) => this.#answers.retry(delivery, 0)));
    await withDeadline(this.#idle(), deadlineMs);
    for (const { abort } of this.#running) abort.abort(new Error('the process stops'));
    await withDeadline(this.#idle(), abortGraceMs);
    clearInterval(this.#working);
    const abandoned = [...this.#running];
    this.#running.clear();
    if (abandoned.length === 0) return;
    this.#log.warn('nats_handlers_abandoned', { messages: abandoned.length });
    for (const { delivery } of abandoned) {
      this.#meters.message('lost');
      await this.#answers.retry(delivery, 0);
    }
  }

  #idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #startNext(): void {
    while (this.#running.size < this.#options.concurrency) {
      const held = this.#waiting.shift();
      if (held === undefined) break;
      this.#running.add(held);
      void this.#run(held);
    }
    this.#meters.inFlight(this.#running.size);
  }

  async #run(held: Held): Promise<void> {
    try {
      const verdict = await this.#handle(held);
      await this.#settle(held, verdict);
    } catch (error) {
      // Only the adapter's own code can throw here; the message comes again after ack_wait.
      this.#meters.message('lost');
      this.#log.error('nats_settling_failed', { ...place(held.delivery), error });
    }
    this.#running.delete(held);
    this.#startNext();
    if (this.#running.size === 0) this.#onIdle();
    this.#onRoom();
  }

  async #handle(held: Held): Promise<Verdict> {
    const { delivery, abort } = held;
    const { message, defect } = delivery;
    if (defect !== null) return { kind: 'dead', reason: defect };
    const startedMs = performance.now();
    const deadline = setTimeout(() => this.#overdue(held), this.#options.handlerDeadlineMs);
    const context: HandlerContext = {
      delivery: message.deliveries,
      signal: abort.signal,
      working: () => this.#answers.working(delivery),
    };
    try {
      return await runWithTraceparent(message.traceparent, () =>
        withSpan(
          `process ${message.stream}`,
          {
            'messaging.system': 'nats',
            'messaging.destination.name': message.subject,
            'messaging.message.id': message.id,
            'messaging.consumer.group.name': message.consumer,
          },
          () => this.#options.handle(message, context),
          'consumer',
        ),
      );
    } catch (error) {
      // What time heals is no error of ours: while a server is away it would fill the log.
      const level = isPassing(error) ? 'warn' : 'error';
      this.#log[level]('nats_handler_failed', { ...place(delivery), error });
      return { kind: 'retry', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(deadline);
      this.#meters.handled((performance.now() - startedMs) / 1_000);
    }
  }

  get #overdueCount(): number {
    let count = 0;
    for (const { isOverdue } of this.#running) count += isOverdue ? 1 : 0;
    return count;
  }

  /** The handler is asked to end. It keeps its place until it does: there are never more of them. */
  #overdue(held: Held): void {
    held.isOverdue = true;
    while (this.room < 0) {
      const unstarted = this.#waiting.pop();
      if (unstarted === undefined) break;
      void this.#answers.retry(unstarted.delivery, noRoomDelayMs);
    }
    const { handlerDeadlineMs } = this.#options;
    this.#log.error('nats_handler_overdue', {
      ...place(held.delivery),
      deadline_ms: handlerDeadlineMs,
    });
    held.abort.abort(new Error(`the handler took longer than ${handlerDeadlineMs} ms`));
  }

  async #settle(held: Held, verdict: Verdict): Promise<void> {
    const { delivery } = held;
    if (!this.#running.has(held)) return;
    const { deliveries } = delivery.message;
    const decision = decide(verdict, deliveries, this.#options, systemRandom);
    switch (decision.kind) {
      case 'ack':
        this.#count(await this.#answers.ack(delivery), 'ack');
        return;
      case 'retry':
        this.#log.debug('nats_message_retried', {
          ...place(delivery),
          reason: decision.reason,
          delay_ms: decision.delayMs,
        });
        this.#count(await this.#answers.retry(delivery, decision.delayMs), 'retry');
        return;
      case 'dead':
        await this.#bury(delivery, decision.reason);
        return;
      default:
        decision satisfies never;
    }
  }

  /** The message is removed only once its dead letter is kept. */
  async #bury(delivery: Delivery, reason: string): Promise<void> {
    const { message } = delivery;
    const kept = await withDeadline(
      runWithTraceparent(message.traceparent, () => this.#keepDeadLetter(message, reason)),
      deadLetterDeadlineMs,
    );
    if (kept.ok) {
      this.#log.error('nats_message_dead', { ...place(delivery), reason });
      this.#count(await this.#answers.terminate(delivery), 'dead');
      return;
    }
    const error = kept.error.kind === 'rejected' ? kept.error.error : 'the deadline passed';
    this.#log.error('nats_dead_letter_failed', { ...place(delivery), reason, error });
    // After its last delivery the server tells of it, and watchMaxDeliveries tries again.
    const again = decide(
      { kind: 'retry', reason },
      message.deliveries,
      { ...this.#options, deliveriesMax: Number.POSITIVE_INFINITY },
      systemRandom,
    );
    const delayMs = again.kind === 'retry' ? again.delayMs : 0;
    this.#count(await this.#answers.retry(delivery, delayMs), 'retry');
  }

  // Async, so that what onDeadLetter throws before its first await is a rejection too.
  async #keepDeadLetter(message: ReceivedMessage, reason: string): Promise<void> {
    await this.#options.onDeadLetter(message, reason);
  }

  #count(isSent: boolean, verdict: 'ack' | 'retry' | 'dead'): void {
    this.#meters.message(isSent ? verdict : 'lost');
  }

  #sayWorking(): void {
    for (const { delivery } of this.#waiting) this.#answers.working(delivery);
    for (const { delivery, isOverdue } of this.#running) {
      if (!isOverdue) this.#answers.working(delivery);
    }
  }
}

/** Where a message was, for the logs. */
function place({ message }: Delivery): Readonly<Record<string, string | number>> {
  const { stream, consumer, sequence, subject, deliveries } = message;
  return { stream, consumer, sequence, subject, deliveries };
}
