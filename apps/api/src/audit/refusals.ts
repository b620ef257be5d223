/**
 * Refusals in the audit trail. What changed a row was audited by the same transaction; a refusal
 * changed nothing, so it is written here, afterwards and aside: the answer doesn't wait for it.
 *
 * Bounded twice, so that a flood of refused calls can't fill the table or the memory: by a rate and by
 * a queue. What is left out is counted.
 */
import type { ErrorCode } from '@windlass/errors';
import type { AuditRecord, DeploymentStore } from '@windlass/postgres';
import type { Log, Metrics } from '@windlass/telemetry';
import type { Caller } from '../auth/caller.ts';

/** Refusals written per second: some 4 million a day at the very most. */
const perSecondMax = 50;
/** Refusals that wait for PostgreSQL. */
const queueMax = 1_000;
/** Longest target kept: an identifier has 63 characters, a request id 200. */
const targetLengthMax = 256;

/**
 * What is worth a line: somebody known was kept from doing something. Not malformed requests, not
 * calls without a user (there is nobody to name), not the rate limit (it would be its own flood).
 */
const audited: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'forbidden',
  'not-found',
  'policy-violation',
  'quota-exceeded',
  'identifier-taken',
  'deletion-in-progress',
  'queue-full',
  'version-mismatch',
  'idempotency-payload-mismatch',
  'conflict',
]);

type Entry = Omit<AuditRecord, 'id' | 'at'>;

export type RefusalAudit = {
  readonly record: (refusal: {
    readonly caller: Caller;
    readonly action: string;
    readonly target: string;
    readonly code: ErrorCode;
  }) => void;
  /** Resolves when what was recorded is written, or PostgreSQL refused it. */
  readonly stop: () => Promise<void>;
};

export function createRefusalAudit(options: {
  readonly store: Pick<DeploymentStore, 'audit'>;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}): RefusalAudit {
  const { store, nowMs, log } = options;
  const dropped = options.metrics.counter(
    'audit_refusals_dropped_total',
    'Refusals that were left out of the audit trail.',
  );
  const queue: Entry[] = [];
  let second = 0;
  let inSecond = 0;
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;

  return {
    record: ({ caller, action, target, code }) => {
      if (!audited.has(code)) return;
      if (queue.length >= queueMax || !isWithinRate()) {
        dropped.inc();
        return;
      }
      queue.push({
        userId: caller.userId,
        role: caller.role,
        action,
        target: target.slice(0, targetLengthMax),
        revision: null,
        outcome: code,
        remoteAddress: caller.remoteAddress,
      });
      if (!isWriting) writing = write();
    },
    stop: () => writing,
  };

  function isWithinRate(): boolean {
    const now = Math.floor(nowMs() / 1_000);
    if (now !== second) {
      second = now;
      inSecond = 0;
    }
    inSecond += 1;
    return inSecond <= perSecondMax;
  }

  async function write(): Promise<void> {
    isWriting = true;
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      try {
        await store.audit(entry);
      } catch (error) {
        dropped.inc();
        log.warn('audit_write_failed', { action: entry.action, outcome: entry.outcome, error });
      }
    }
    isWriting = false;
  }
}
