/** What a handler says about a message, and how that is decided for it. Pure. */
import { type BackoffPolicy, backoffDelayMs, type Random } from '@windlass/base';

export type Verdict =
  /** Done: the message is removed. */
  | { readonly kind: 'ack' }
  /** Not now: it comes again after the delay, by default a growing one. */
  | { readonly kind: 'retry'; readonly reason: string; readonly delayMs?: number }
  /** Never: it goes to the dead letters and is removed. */
  | { readonly kind: 'dead'; readonly reason: string };

export type Decision =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly reason: string; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly reason: string };

export type RetryPolicy = {
  /** Deliveries after which a message is given up, at least 1. */
  readonly deliveriesMax: number;
  readonly backoff: BackoffPolicy;
};

/**
 * Turns a verdict into what is done: a retry gets its delay, and becomes a dead letter after the
 * last delivery.
 *
 * @param deliveries how often the message has been delivered, at least 1
 */
export function decide(
  verdict: Verdict,
  deliveries: number,
  policy: RetryPolicy,
  random: Pick<Random, 'next'>,
): Decision {
  switch (verdict.kind) {
    case 'ack':
    case 'dead':
      return verdict;
    case 'retry': {
      if (deliveries >= policy.deliveriesMax) {
        return {
          kind: 'dead',
          reason: `given up after ${deliveries} deliveries: ${verdict.reason}`,
        };
      }
      const delayMs = verdict.delayMs ?? backoffDelayMs(deliveries, policy.backoff, random);
      return { kind: 'retry', reason: verdict.reason, delayMs };
    }
    default:
      return verdict satisfies never;
  }
}
