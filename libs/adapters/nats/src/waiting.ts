/** Waiting with an end: every wait of this adapter goes through one of these. */
import { fail, ok, type Result } from '@windlass/base';

/** Resolves after the time, or at once when the signal aborts. Never rejects. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

export type WaitFailure =
  | { readonly kind: 'deadline' }
  | { readonly kind: 'rejected'; readonly error: unknown };

/**
 * The promise's value if it comes before the deadline. A promise that is still pending then goes on
 * unobserved: its rejection is not reported.
 */
export async function withDeadline<Value>(
  promise: Promise<Value>,
  deadlineMs: number,
): Promise<Result<Value, WaitFailure>> {
  const settled = promise.then(
    (value) => ok(value),
    (error: unknown) => fail({ kind: 'rejected' as const, error }),
  );
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Result<Value, WaitFailure>>((resolve) => {
    timer = setTimeout(() => resolve(fail({ kind: 'deadline' })), Math.max(0, deadlineMs));
  });
  const outcome = await Promise.race([settled, deadline]);
  clearTimeout(timer);
  return outcome;
}
