/** Publishing to streams: acknowledged, de-duplicated, retried, bounded. */
import {
  type BackoffPolicy,
  backoffDelayMs,
  fail,
  ok,
  type Result,
  systemRandom,
} from '@windlass/base';
import { currentTraceparent } from '@windlass/telemetry';
import { type ApiFailure, apiFailure } from '../api-failure.ts';
import type { Bus } from '../connection/bus.ts';
import { messageHeaders } from '../message.ts';
import { delay, withDeadline } from '../waiting.ts';
import type { Entry } from './window.ts';

/** A server's restart takes a second or two; a caller that holds a request open can't wait long. */
const deadlineMsDefault = 10_000;

/** One try: an acknowledgement takes a millisecond, a busy disk some hundred. */
const attemptTimeoutMs = 2_000;

/** Within the default deadline; the id makes each of them safe. */
const attemptsMax = 8;

const retryBackoff: BackoffPolicy = { initialMs: 50, maxMs: 2_000 };

export type Publication = {
  readonly subject: string;
  /** Full name of the protobuf type; see encodeMessage. */
  readonly type: string;
  /** Two publications with the same id, within the stream's window, are stored once. */
  readonly id: string;
  readonly payload: Uint8Array;
  /** W3C traceparent to send along; left out: that of what runs now. */
  readonly traceparent?: string | null;
  /** Until the stream's acknowledgement, in all. Default 10 s. */
  readonly deadlineMs?: number;
};

export type Published = {
  readonly stream: string;
  /** Where the stream keeps it: of the first one, for a duplicate. */
  readonly sequence: number;
  /** True where the stream had it already. */
  readonly duplicate: boolean;
};

export type PublishFailure = {
  readonly kind: /** Not acknowledged in time. It may be stored; publish it again with the same id. */
    | 'unavailable'
    /** The stream is full, or this process publishes faster than the server stores. Not stored. */
    | 'full'
    /** Too large, or forbidden: it will be refused again. Not stored. */
    | 'refused';
  readonly reason: string;
  readonly cause: unknown;
};

export type PublishResult = Result<Published, PublishFailure>;

/** Publishes one message and waits until its stream has it on disk. Never throws. */
export async function publish(bus: Bus, publication: Publication): Promise<PublishResult> {
  const { meters, window } = bus.internal;
  const startedMs = performance.now();
  const endMs = startedMs + (publication.deadlineMs ?? deadlineMsDefault);
  const traceparent =
    publication.traceparent === undefined ? currentTraceparent() : publication.traceparent;
  const entry = await window.enter(endMs - startedMs);
  const outcome =
    entry === 'entered'
      ? await publishInWindow(bus, publication, traceparent, endMs).finally(() => window.leave())
      : fail(notEntered[entry]);
  const label = outcome.ok
    ? outcome.value.duplicate
      ? 'duplicate'
      : 'stored'
    : outcome.error.kind;
  meters.published(label, (performance.now() - startedMs) / 1_000);
  return outcome;
}

/**
 * Publishes a batch, all in flight together up to the window's bound.
 *
 * @returns one result per message, in the same order: some may be stored and others not
 */
export function publishMany(
  bus: Bus,
  publications: readonly Publication[],
): Promise<readonly PublishResult[]> {
  return Promise.all(publications.map((publication) => publish(bus, publication)));
}

const notEntered: Readonly<Record<Exclude<Entry, 'entered'>, PublishFailure>> = {
  full: { kind: 'full', reason: 'too many messages wait in this process', cause: null },
  late: { kind: 'unavailable', reason: 'too many messages were before it', cause: null },
};

async function publishInWindow(
  bus: Bus,
  publication: Publication,
  traceparent: string | null,
  endMs: number,
): Promise<PublishResult> {
  const { link, streams } = bus.internal;
  const remainingMs = () => endMs - performance.now();
  let last: ApiFailure | null = null;
  for (let attempt = 1; attempt <= attemptsMax && remainingMs() > 0; attempt += 1) {
    const attachment = await link.whenConnected(Math.max(0, remainingMs()));
    if (attachment === null) break;
    const tried = await publishOnce(
      attachment.jetstream,
      publication,
      traceparent,
      Math.max(1, Math.min(attemptTimeoutMs, remainingMs())),
    );
    if (tried.ok) return tried;
    last = tried.error;
    if (last.kind === 'refused') return failure('refused', last);
    if (last.kind === 'full') return failure('full', last);
    if (last.kind === 'no-responders') await withDeadline(streams.restore(), remainingMs());
    const pauseMs = backoffDelayMs(attempt, retryBackoff, systemRandom);
    await delay(Math.max(0, Math.min(pauseMs, remainingMs())), link.closed);
  }
  return failure('unavailable', last);
}

async function publishOnce(
  jetstream: Bus['jetstream'],
  publication: Publication,
  traceparent: string | null,
  timeoutMs: number,
): Promise<Result<Published, ApiFailure>> {
  const { subject, type, id, payload } = publication;
  try {
    const headers = messageHeaders(type, id, traceparent);
    const stored = await jetstream.publish(subject, payload, { headers, timeout: timeoutMs });
    return ok({ stream: stored.stream, sequence: stored.seq, duplicate: stored.duplicate });
  } catch (error) {
    return fail(apiFailure(error));
  }
}

function failure(kind: PublishFailure['kind'], last: ApiFailure | null): PublishResult {
  return fail({
    kind,
    reason: last === null ? 'no connection to NATS' : last.message,
    cause: last?.error ?? null,
  });
}
