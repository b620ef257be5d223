/**
 * What happens, as it happens. A stream that ends, breaks or falls silent is opened again from the
 * last event that was given out, so nothing is lost and nothing comes twice; where the API no longer
 * has what was missed, a `gap` says so.
 */
import { type BackoffPolicy, backoffDelayMs } from '@windlass/base';
import { type ApiProblem, ApiUnreachable, problemOf, UnreachableReason } from './problem.ts';
import { createSseParser, type SseEvent } from './sse-parser.ts';
import type { Surroundings } from './surroundings.ts';
import { isPassing } from './wait-for-request.ts';

/** Three of the API's heartbeats: it sends one every 15 s where it isn't set otherwise. */
const SILENCE_MS_DEFAULT = 45_000;
/** Longer than a rollout of the API takes. */
const GIVE_UP_AFTER_MS_DEFAULT = 300_000;
/** The first delay is about what the API asks for; the longest keeps a dead API unbothered. */
const backoff: BackoffPolicy = { initialMs: 1_000, maxMs: 15_000 };
/** Far over the API's largest event; what doesn't end by then isn't one. */
const EVENT_CHARS_MAX = 1_048_576;

const EVENT_STREAM = 'text/event-stream';

export type ApiEvent =
  /** The stream stands: what happens from now on comes. Again after each new connection. */
  | { readonly kind: 'ready'; readonly id: string | null }
  /** Events were lost, older than the API keeps: read again what you follow. */
  | { readonly kind: 'gap'; readonly id: string | null }
  | {
      readonly kind: 'activity';
      /** Where to resume after it. */
      readonly id: string | null;
      /** Such as `request.succeeded`; new ones may come. */
      readonly type: string;
      /** The deployment. */
      readonly identifier: string;
      readonly requestId: string | null;
      /** ISO 8601. */
      readonly at: string;
      readonly data: Readonly<Record<string, unknown>>;
    };

export type EventsOptions = {
  /** Only of this request: its id. */
  readonly request?: string;
  /** Only of this deployment: its identifier. */
  readonly deployment?: string;
  /** Where to resume: the id of the last event that was seen. Absent: from now on. */
  readonly lastEventId?: string;
  /** Nothing at all for this long: the stream counts as broken. Over the API's heartbeat. */
  readonly silenceMs?: number;
  /** Without a stream for this long, it ends in an error. */
  readonly giveUpAfterMs?: number;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
};

export type EventSource = {
  readonly baseUrl: string;
  readonly surroundings: Surroundings;
  /** A stream has to be opened within this. */
  readonly deadlineMs: number;
  /** All headers but those of the stream; asked for before each connection. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
};

/** @throws ApiProblem where the API refuses; ApiUnreachable when it gives up */
export async function* streamEvents(
  source: EventSource,
  options: EventsOptions = {},
): AsyncGenerator<ApiEvent, void, undefined> {
  const { clock, random, pause } = source.surroundings;
  const giveUpAfterMs = options.giveUpAfterMs ?? GIVE_UP_AFTER_MS_DEFAULT;
  const signal = options.signal ?? new AbortController().signal;
  let lastEventId = options.lastEventId ?? null;
  let aliveMs = clock.monotonicMs();
  let failures = 0;
  while (!signal.aborted) {
    const connection = await connect(source, options, lastEventId, signal);
    if (connection.kind === 'refused' && !isPassing(connection.error)) throw connection.error;
    let askedDelayMs = connection.kind === 'refused' ? connection.error.retryAfterMs : null;
    if (connection.kind === 'open') {
      try {
        for await (const event of connection.events()) {
          failures = 0;
          lastEventId = event.id ?? lastEventId;
          yield event;
        }
      } finally {
        connection.close();
      }
      aliveMs = clock.monotonicMs();
      askedDelayMs = connection.retryMs();
    }
    failures += 1;
    if (!signal.aborted && clock.monotonicMs() - aliveMs > giveUpAfterMs) {
      throw connection.kind === 'refused'
        ? connection.error
        : new ApiUnreachable(UnreachableReason.Network, failures, connection.cause());
    }
    const delayMs = Math.max(askedDelayMs ?? 0, backoffDelayMs(failures, backoff, random));
    await pause(delayMs, signal);
  }
}

type Connection =
  | {
      readonly kind: 'open';
      /** Ends when the stream does, whatever ended it. */
      readonly events: () => AsyncGenerator<ApiEvent, void, undefined>;
      readonly retryMs: () => number | null;
      readonly cause: () => unknown;
      readonly close: () => void;
    }
  | { readonly kind: 'refused'; readonly error: ApiProblem }
  | { readonly kind: 'lost'; readonly cause: () => unknown };

async function connect(
  source: EventSource,
  options: EventsOptions,
  lastEventId: string | null,
  signal: AbortSignal,
): Promise<Connection> {
  const { fetch, clock } = source.surroundings;
  const cut = new AbortController();
  const request = new Request(eventsUrl(source.baseUrl, options), {
    headers: {
      ...(await source.headers()),
      accept: EVENT_STREAM,
      ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
    },
    redirect: 'manual',
    signal: AbortSignal.any([cut.signal, signal]),
  });
  const timer = setTimeout(() => cut.abort(), source.deadlineMs);
  try {
    const response = await fetch(request);
    const contentType = response.headers.get('content-type') ?? '';
    if (!response.ok || response.body === null || !contentType.startsWith(EVENT_STREAM)) {
      return { kind: 'refused', error: await problemOf(response, clock.nowMs()) };
    }
    return openConnection(response.body, cut, options.silenceMs ?? SILENCE_MS_DEFAULT);
  } catch (error) {
    return { kind: 'lost', cause: () => error };
  } finally {
    clearTimeout(timer);
  }
}

function openConnection(
  body: ReadableStream<Uint8Array>,
  cut: AbortController,
  silenceMs: number,
): Connection {
  const parser = createSseParser(EVENT_CHARS_MAX);
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let cause: unknown = null;

  /** The next piece of text; null where the stream has ended. */
  async function read(): Promise<string | null> {
    // Counts only while waiting: a caller that takes its time with an event isn't the API's silence.
    const silence = setTimeout(() => cut.abort(), silenceMs);
    try {
      const { done, value } = await reader.read();
      return done ? null : decoder.decode(value, { stream: true });
    } catch (error) {
      // Broken off or cut: opened again by the caller, who shows the cause when it gives up.
      cause = error;
      return null;
    } finally {
      clearTimeout(silence);
    }
  }

  return {
    kind: 'open',
    retryMs: parser.retryMs,
    cause: () => cause,
    close: () => cut.abort(),
    events: async function* () {
      for (let text = await read(); text !== null; text = await read()) {
        for (const event of parser.push(text)) yield apiEventOf(event);
      }
    },
  };
}

function eventsUrl(baseUrl: string, { request, deployment }: EventsOptions): URL {
  const url = new URL(`${baseUrl}/api/v1/events`);
  if (request !== undefined) url.searchParams.set('request', request);
  if (deployment !== undefined) url.searchParams.set('deployment', deployment);
  return url;
}

function apiEventOf({ id, event, data: text }: SseEvent): ApiEvent {
  if (event === 'ready' || event === 'gap') return { kind: event, id };
  const { type, identifier, requestId, at, data } = JSON.parse(text);
  return { kind: 'activity', id, type, identifier, requestId, at, data };
}
