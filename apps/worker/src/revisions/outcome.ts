/** How one try of a revision ended; decided in one place, `tryRevision`. */
import type { Deployment } from '@windlass/kube';
import type { Failure } from '@windlass/postgres';

export type TryOutcome =
  /** The cluster has what the revision asks for; with the object, where this try wrote it. */
  | { readonly kind: 'done'; readonly written: Deployment | null }
  /** No later try can help: Kubernetes' own message, or a foreign object in the way. */
  | { readonly kind: 'final'; readonly error: Failure }
  /** May work later. */
  | { readonly kind: 'passing'; readonly error: Failure; readonly retryAfterMs: number | null };

export const FailureCode = {
  /** An object of that name exists that Windlass didn't make. */
  ForeignObject: 'foreign-object',
  /** Kubernetes refused it: invalid, forbidden, or not possible. */
  Refused: 'refused-by-kubernetes',
  /** Kubernetes can't be reached, or asks to come back later. */
  Unavailable: 'kubernetes-unavailable',
  /** The object changes faster than we can apply. */
  Contended: 'object-contended',
  /** The object is being deleted and something holds it. */
  Terminating: 'object-terminating',
  /** Every try failed in passing. */
  AttemptsUsedUp: 'attempts-used-up',
} as const;
