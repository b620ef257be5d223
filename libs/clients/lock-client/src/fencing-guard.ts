/**
 * What a resource needs so that a client which was paused can't do harm: it keeps the highest
 * exclusive token that it has seen and refuses whatever is older. One guard for each lock that
 * protects the resource. Semaphores have no order of that kind: use validate().
 */

/** The parts of a grant that travel with each request to the resource. */
export type FencedGrant = {
  readonly token: number;
  /** The newest exclusive token at the time of the grant; of an exclusive grant its own. */
  readonly lastExclusiveToken: number;
};

export type FencingVerdict =
  | { readonly ok: true }
  /** Somebody got the lock later. */
  | { readonly ok: false; readonly highestExclusiveToken: number };

export type FencingGuard = {
  /** Call it in the same step as the change that it protects. */
  readonly check: (grant: FencedGrant) => FencingVerdict;
  /** What to keep with the resource, so that a restart doesn't forget it. */
  readonly highestExclusiveToken: number;
};

/** @param highestExclusiveToken what was kept with the resource, or 0 */
export function createFencingGuard(highestExclusiveToken = 0): FencingGuard {
  let highest = highestExclusiveToken;
  return {
    check: ({ token, lastExclusiveToken }) => {
      if (token < highest) return { ok: false, highestExclusiveToken: highest };
      highest = Math.max(highest, lastExclusiveToken);
      return { ok: true };
    },
    get highestExclusiveToken() {
      return highest;
    },
  };
}
