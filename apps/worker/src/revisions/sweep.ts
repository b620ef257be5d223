/** Wakes what stands still: an open revision whose message was lost, or whose worker is gone. */
import type { DeploymentStore } from '@windlass/postgres';
import type { Log } from '@windlass/telemetry';

export type SweepDeps = {
  readonly store: Pick<DeploymentStore, 'findStandingStill'>;
  readonly log: Log;
  readonly standingStillMs: number;
  /** Publishes a RevisionWake and returns once the stream has acknowledged. */
  readonly wakeRevision: (identifier: string) => Promise<void>;
};

/** Identifiers per sweep. What is left over is found by the next one. */
export const sweepBatchMax = 500;

/** @returns how many were woken */
export async function sweep(deps: SweepDeps): Promise<number> {
  const identifiers = await deps.store.findStandingStill(deps.standingStillMs, sweepBatchMax);
  for (const identifier of identifiers) await deps.wakeRevision(identifier);
  if (identifiers.length > 0)
    deps.log.warn('revisions_woken_by_sweep', { count: identifiers.length });
  return identifiers.length;
}
