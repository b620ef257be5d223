/** Waits that end: with a result, at a deadline, or when the process stops. */
import { WindlassError } from '@windlass/errors';

/**
 * The promise's outcome, or a `deadline` error once the time is over. What was begun is not undone:
 * give a function and heed its signal where it should stop too.
 *
 * @param work a promise, or a function that gets a signal which aborts at the deadline
 * @param deadlineMs whole milliseconds, more than 0
 * @param what names the work in the error: `the ping of PostgreSQL`
 */
export async function withDeadline<Value>(
  work: Promise<Value> | ((signal: AbortSignal) => Promise<Value>),
  deadlineMs: number,
  what: string,
): Promise<Value> {
  const controller = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new WindlassError('deadline', `${what} took longer than ${deadlineMs} ms`);
    controller.abort(error);
    reject(error);
  }, deadlineMs);
  try {
    return await Promise.race([typeof work === 'function' ? work(controller.signal) : work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after the time, or as soon as the signal aborts, whichever is first. Never rejects. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    resolve();
  };
  const timer = setTimeout(end, delayMs);
  signal.addEventListener('abort', end);
  return promise;
}
