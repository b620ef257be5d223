/** When a component that ended is started again. Pure: time and randomness come in. */
import { backoffDelayMs, type Random } from '@windlass/base';

export type RestartPolicy = {
  /** Wait after the first failure. */
  readonly initialMs: number;
  /** Longest wait; a component that can't start is still tried this often. */
  readonly maxMs: number;
  /** Having been ready for this long, a component's earlier failures are forgotten. */
  readonly stableMs: number;
};

/**
 * 0.5 s is short enough not to be noticed after a lone crash; 15 s keeps a crash loop from eating
 * the machine while a mended component still comes back soon.
 */
export const restartPolicy: RestartPolicy = { initialMs: 500, maxMs: 15_000, stableMs: 30_000 };

export type RestartHistory = {
  /** Failures in a row, each within stableMs of the last readiness. */
  readonly failures: number;
  /** Those of them that never became ready. Invariant: startFailures <= failures. */
  readonly startFailures: number;
};

export const noFailures: RestartHistory = { failures: 0, startFailures: 0 };

/**
 * What follows an end of the component.
 *
 * @param readyForMs how long it had been ready; null where it never was
 */
export function afterExit(
  history: RestartHistory,
  readyForMs: number | null,
  policy: RestartPolicy,
  random: Pick<Random, 'next'>,
): { readonly history: RestartHistory; readonly delayMs: number } {
  const stable = readyForMs !== null && readyForMs >= policy.stableMs;
  const failures = (stable ? 0 : history.failures) + 1;
  const startFailures = readyForMs === null ? history.startFailures + 1 : 0;
  return {
    history: { failures, startFailures },
    delayMs: backoffDelayMs(failures, policy, random),
  };
}
