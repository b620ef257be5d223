/** Waiting in tests for what comes true by itself, instead of sleeping. */
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 20;
const deadlineMsDefault = 10_000;

export type EventuallyOptions = {
  /** Milliseconds until it gives up. Default 10,000. */
  readonly deadlineMs?: number;
};

/**
 * Calls `attempt` until it neither throws nor gives false, and returns what it gave.
 *
 * @throws what the last attempt threw, once the deadline has passed
 */
export async function eventually<Value>(
  attempt: () => Value | Promise<Value>,
  { deadlineMs = deadlineMsDefault }: EventuallyOptions = {},
): Promise<Value> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const outcome = await outcomeOf(attempt, deadline, deadlineMs);
    if (outcome.ok) return outcome.value;
    if (performance.now() >= deadline) throw outcome.error;
    await sleep(pollMs);
  }
}

type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: unknown };

async function outcomeOf<Value>(
  attempt: () => Value | Promise<Value>,
  deadline: number,
  deadlineMs: number,
): Promise<Outcome<Value>> {
  const stop = new AbortController();
  const late = async (): Promise<never> => {
    await sleep(Math.max(0, deadline - performance.now()), undefined, { signal: stop.signal });
    throw new Error(`one attempt was still going on after ${deadlineMs} ms`);
  };
  const tooLate = late();
  // Aborted below, when the attempt was faster.
  tooLate.catch(() => undefined);
  try {
    const value = await Promise.race([(async () => attempt())(), tooLate]);
    if (value !== false) return { ok: true, value };
    return { ok: false, error: new Error(`still false after ${deadlineMs} ms`) };
  } catch (error) {
    return { ok: false, error };
  } finally {
    stop.abort();
  }
}
