/**
 * Waits for a request's end. The API holds each look back until there is news; a look that ends
 * without, or fails in passing (a restart, a busy server), is followed by another, until the deadline.
 */
import { bodyOf, type Calls, type Schemas } from './calls.ts';
import { ApiProblem, ApiUnreachable, UnreachableReason } from './problem.ts';
import type { Surroundings } from './surroundings.ts';

/** Proxies commonly cut an answer off that takes 30 or 60 seconds. */
const ROUND_SECONDS_MAX = 20;
/** Between looks: a server that is stopping answers at once. */
const ROUND_PAUSE_MS = 100;
const WAIT_DEADLINE_MS_DEFAULT = 300_000;
/** The API holds back in whole seconds; a look that takes longer than this past the end is cut. */
const LAST_LOOK_GRACE_MS = 2_000;

export type WaitForRequestOptions = {
  /**
   * `applied` (default): until SUCCESS or FAILURE. `rollout`: until the rollout is Healthy, Degraded
   * or Suspended as well, or the deployment is gone.
   */
  readonly until?: 'applied' | 'rollout';
  /** Five minutes by default. The wait may take up to two seconds more, for its last look. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
};

/** A request with what ended the wait for it. */
export type WaitedRequest = Schemas['DeploymentRequest'] & {
  readonly waited: NonNullable<Schemas['DeploymentRequest']['waited']>;
};

/**
 * @param id the request's id, or the X-Request-ID under which it was made
 * @returns the request as seen last; `waited.outcome` is `timeout` or `interrupted` where the deadline
 *   came first, and `failed` for a FAILURE
 * @throws ApiProblem `not-found`; the last passing failure where nothing was seen before the deadline
 */
export async function waitForRequest(
  calls: Calls,
  surroundings: Surroundings,
  id: string,
  options: WaitForRequestOptions = {},
): Promise<WaitedRequest> {
  const over = new AbortController();
  const { deadlineMs = WAIT_DEADLINE_MS_DEFAULT } = options;
  const timer = setTimeout(() => over.abort(), deadlineMs + LAST_LOOK_GRACE_MS);
  try {
    const endMs = surroundings.clock.monotonicMs() + deadlineMs;
    return await lookUntil(calls, surroundings, { ...options, id, endMs, over: over.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function lookUntil(
  calls: Calls,
  { clock, pause }: Surroundings,
  wait: WaitForRequestOptions & {
    readonly id: string;
    readonly endMs: number;
    readonly over: AbortSignal;
  },
): Promise<WaitedRequest> {
  const { id, endMs, over, until = 'applied' } = wait;
  const signal = wait.signal === undefined ? over : AbortSignal.any([wait.signal, over]);
  let seen: WaitedRequest | null = null;
  for (;;) {
    const leftSeconds = Math.ceil((endMs - clock.monotonicMs()) / 1_000);
    const timeoutSeconds = Math.min(Math.max(leftSeconds, 1), ROUND_SECONDS_MAX);
    const look = await lookOnce(calls, { id, wait: until, timeoutSeconds, signal, over });
    if (look.kind === 'seen') {
      seen = look.request;
      if (!isOpen(seen)) return seen;
    }
    if (clock.monotonicMs() + ROUND_PAUSE_MS >= endMs) {
      if (seen !== null) return seen;
      if (look.kind === 'failed') throw look.error;
    }
    await pause(ROUND_PAUSE_MS, signal);
    wait.signal?.throwIfAborted();
  }
}

type Look =
  | { readonly kind: 'seen'; readonly request: WaitedRequest }
  | { readonly kind: 'failed'; readonly error: Error };

async function lookOnce(
  calls: Calls,
  query: {
    readonly id: string;
    readonly wait: 'applied' | 'rollout';
    readonly timeoutSeconds: number;
    readonly signal: AbortSignal;
    readonly over: AbortSignal;
  },
): Promise<Look> {
  const { id, wait, timeoutSeconds, signal, over } = query;
  try {
    const request = await bodyOf(
      calls.GET('/api/v1/deployments/requests/{id}', {
        params: { path: { id }, query: { wait, timeoutSeconds } },
        signal,
      }),
    );
    return {
      kind: 'seen',
      request: { ...request, waited: request.waited ?? { outcome: 'timeout' } },
    };
  } catch (error) {
    if (over.aborted) {
      return { kind: 'failed', error: new ApiUnreachable(UnreachableReason.Deadline, 1, error) };
    }
    if (isPassing(error)) return { kind: 'failed', error };
    throw error;
  }
}

function isOpen({ waited }: WaitedRequest): boolean {
  return waited.outcome === 'timeout' || waited.outcome === 'interrupted';
}

/** May be over soon, without the caller doing anything. */
export function isPassing(error: unknown): error is ApiProblem | ApiUnreachable {
  if (error instanceof ApiProblem) return [429, 502, 503, 504].includes(error.status);
  return error instanceof ApiUnreachable;
}
