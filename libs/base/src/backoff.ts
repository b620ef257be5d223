import type { Random } from './random.ts';

export type BackoffPolicy = {
  /** Delay after the first failure, before jitter. */
  readonly initialMs: number;
  /** No delay is longer than this. Invariant: initialMs <= maxMs. */
  readonly maxMs: number;
};

/**
 * Delay before the next try: doubling, capped, with equal jitter (half fixed, half random), so
 * that callers which failed together don't come back together.
 *
 * @param failures how many tries have failed so far, at least 1
 * @returns whole milliseconds in [cap / 2, cap]
 */
export function backoffDelayMs(
  failures: number,
  policy: BackoffPolicy,
  random: Pick<Random, 'next'>,
): number {
  const exponent = Math.min(Math.max(failures, 1) - 1, 30);
  const capMs = Math.min(policy.maxMs, policy.initialMs * 2 ** exponent);
  return Math.round(capMs / 2 + (capMs / 2) * random.next());
}
