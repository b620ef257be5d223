/**
 * One call: sent, and sent again where that is safe and may help, until its deadline.
 *
 * Safe is what changes nothing, and what carries a request id: the API makes a request once per id,
 * however often it comes. A 429 was refused before anything was done, so anything may be repeated.
 */
import { type BackoffPolicy, backoffDelayMs } from '@windlass/base';
import { ApiUnreachable, retryAfterMsOf, UnreachableReason } from './problem.ts';
import type { Surroundings } from './surroundings.ts';

/** With the delays between them some 5 to 11 seconds: a restart of the API fits in. */
export const TRIES_MAX = 8;
/** Short at first: most failures are one connection that broke. */
const backoff: BackoffPolicy = { initialMs: 100, maxMs: 5_000 };

/** What the API holds `?wait` back for where the call doesn't say. */
const HELD_BACK_SECONDS_DEFAULT = 30;

/** Headers by which the API knows a repeated request. */
export const keyHeaders = ['x-request-id', 'idempotency-key'] as const;

export type SendOptions = {
  readonly surroundings: Surroundings;
  /** For the whole call: all tries, the pauses and the body. A `?wait` comes on top. */
  readonly deadlineMs: number;
  /** Asked for before each try: a token may be new by then. */
  readonly credentials: () => Promise<Readonly<Record<string, string>>>;
};

export type Send = (request: Request) => Promise<Response>;

type Outcome =
  | { readonly kind: 'answer'; readonly response: Response }
  | { readonly kind: 'no-answer'; readonly cause: unknown };

/** The answer comes with its whole body, so that a body that breaks off is repeated as well. */
export function createSend(options: SendOptions): Send {
  const { clock } = options.surroundings;
  return async (request) => {
    const deadlineMs = options.deadlineMs + heldBackMs(request);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), deadlineMs);
    try {
      return await sendUntil(options, request, {
        endMs: clock.monotonicMs() + deadlineMs,
        over: deadline.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  };
}

async function sendUntil(
  options: SendOptions,
  request: Request,
  deadline: { readonly endMs: number; readonly over: AbortSignal },
): Promise<Response> {
  const { surroundings } = options;
  const { clock, random } = surroundings;
  const signal = AbortSignal.any([request.signal, deadline.over]);
  const body = request.body === null ? null : await request.text();
  for (let tries = 1; ; tries += 1) {
    const outcome = await sendOnce(options, request, body, signal);
    request.signal.throwIfAborted();
    if (outcome.kind === 'no-answer' && deadline.over.aborted) {
      throw new ApiUnreachable(UnreachableReason.Deadline, tries, outcome.cause);
    }
    const delayMs =
      delayBeforeNextMs(outcome, clock.nowMs()) ?? backoffDelayMs(tries, backoff, random);
    const inTime = clock.monotonicMs() + delayMs < deadline.endMs;
    if (tries < TRIES_MAX && inTime && mayRepeat(request, outcome)) {
      await surroundings.pause(delayMs, signal);
      request.signal.throwIfAborted();
      continue;
    }
    if (outcome.kind === 'answer') return outcome.response;
    const reason = inTime ? UnreachableReason.Network : UnreachableReason.Deadline;
    throw new ApiUnreachable(reason, tries, outcome.cause);
  }
}

async function sendOnce(
  options: SendOptions,
  request: Request,
  body: string | null,
  signal: AbortSignal,
): Promise<Outcome> {
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(await options.credentials())) headers.set(name, value);
  // A redirect would carry the credentials to somebody else: it is an answer like any other.
  const { url, method } = request;
  const once = new Request(url, { method, headers, body, signal, redirect: 'manual' });
  try {
    const answer = await options.surroundings.fetch(once);
    const bytes = await answer.arrayBuffer();
    const { status, statusText } = answer;
    const response = new Response(bytes.byteLength === 0 ? null : bytes, {
      status,
      statusText,
      headers: answer.headers,
    });
    return { kind: 'answer', response };
  } catch (cause) {
    return { kind: 'no-answer', cause };
  }
}

function delayBeforeNextMs(outcome: Outcome, nowMs: number): number | null {
  return outcome.kind === 'answer' ? retryAfterMsOf(outcome.response.headers, nowMs) : null;
}

function mayRepeat(request: Request, outcome: Outcome): boolean {
  const safe = request.method === 'GET' || keyHeaders.some((name) => request.headers.has(name));
  if (outcome.kind === 'no-answer') return safe;
  switch (outcome.response.status) {
    case 429:
      return true;
    // 502: a proxy that found no API behind it.
    case 502:
    case 503:
      return safe;
    default:
      return false;
  }
}

function heldBackMs(request: Request): number {
  const { searchParams } = new URL(request.url);
  if (!searchParams.has('wait')) return 0;
  return Number(searchParams.get('timeoutSeconds') ?? HELD_BACK_SECONDS_DEFAULT) * 1_000;
}
