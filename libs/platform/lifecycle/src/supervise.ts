/** Keeps a loop running for as long as the process lives. */
import { type BackoffPolicy, backoffDelayMs, systemRandom } from '@windlass/base';
import type { Log } from '@windlass/telemetry';
import { pause } from './deadline.ts';

export type SuperviseOptions = {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly backoff: BackoffPolicy;
};

/**
 * Runs the function, and again after a growing delay whenever it throws or ends, until the signal
 * aborts. A run that lasts longer than the longest delay starts the delays anew. Resolves once the
 * last run has ended; never rejects.
 *
 * @param fn the loop itself; it must end soon after its signal aborts
 */
export async function superviseLoop(
  name: string,
  fn: (signal: AbortSignal) => Promise<void>,
  { signal, log, backoff }: SuperviseOptions,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const startedMs = performance.now();
    const ending = await endingOf(fn, signal);
    if (signal.aborted) {
      if (ending !== null) log.debug('loop_stopped', { loop: name, error: ending.error });
      return;
    }
    failures = performance.now() - startedMs > backoff.maxMs ? 1 : failures + 1;
    const delayMs = backoffDelayMs(failures, backoff, systemRandom);
    const again = { loop: name, failures, delay_ms: delayMs };
    if (ending === null) log.warn('loop_ended', again);
    else log.warn('loop_failed', { ...again, error: ending.error });
    await pause(delayMs, signal);
  }
}

/** Null where the run just ended. */
async function endingOf(
  fn: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<{ readonly error: unknown } | null> {
  try {
    await fn(signal);
    return null;
  } catch (error) {
    return { error };
  }
}
