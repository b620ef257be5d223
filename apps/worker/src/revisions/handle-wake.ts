/**
 * What a worker does when it is woken for a deployment: claims the oldest open revision, tries it,
 * ends it, and goes on with the next.
 *
 *     wake → claim ─┬─ idle ─────────────────────────────→ ack
 *                   ├─ waiting (claimed, or resting) ────→ again after the delay
 *                   ├─ exhausted → dead letter → end ──┐
 *                   └─ claimed → try ─┬─ done ─→ end ──┼─→ more? claim again : ack
 *                                     ├─ final → end ──┘
 *                                     └─ passing → release → again after the back-off
 */
import { type BackoffPolicy, backoffDelayMs, systemRandom } from '@windlass/base';
import type { Deployment } from '@windlass/kube';
import type { Verdict } from '@windlass/nats';
import type {
  ClaimedRevision,
  ClaimOutcome,
  DeploymentStore,
  EndInput,
  Failure,
} from '@windlass/postgres';
import { currentTraceparent, type Log, runWithTraceparent, withSpan } from '@windlass/telemetry';
import type { WorkerMeters } from '../meters.ts';
import { FailureCode, type TryOutcome } from './outcome.ts';

export type HandleWakeDeps = {
  readonly store: Pick<
    DeploymentStore,
    'claimRevision' | 'endRevision' | 'releaseRevision' | 'renewClaim'
  >;
  readonly log: Log;
  readonly meters: WorkerMeters;
  readonly workerId: string;
  readonly claimLeaseMs: number;
  readonly attemptsMax: number;
  readonly backoff: BackoffPolicy;
  readonly tryRevision: (claim: ClaimedRevision) => Promise<TryOutcome>;
  /** Publishes to the dead-letter stream and returns once that has acknowledged. */
  readonly publishDeadLetter: (
    claim: ClaimedRevision,
    reason: string,
    tries: number,
  ) => Promise<void>;
  /** Writes the row of an object that a try wrote. Never rejects: the watcher tells of it too. */
  readonly recordWritten: (object: Deployment) => Promise<void>;
  /** Tells the readers of the activity feed that there is news. */
  readonly wakeActivity: (identifier: string) => void;
};

/** Revisions carried out per message: a long queue on one deployment may not hold a slot for ever. */
const revisionsPerWakeMax = 16;

/** Parts of the lease after which it is extended. */
const renewalsPerLease = 3;

export async function handleWake(deps: HandleWakeDeps, identifier: string): Promise<Verdict> {
  for (let done = 0; done < revisionsPerWakeMax; done += 1) {
    const claimed = await deps.store.claimRevision({
      identifier,
      workerId: deps.workerId,
      leaseMs: deps.claimLeaseMs,
      attemptsMax: deps.attemptsMax,
    });
    switch (claimed.kind) {
      case 'idle':
        return { kind: 'ack' };
      case 'waiting':
        return { kind: 'retry', delayMs: claimed.delayMs, reason: 'claimed or resting' };
      case 'exhausted': {
        await giveUp(deps, claimed);
        break;
      }
      case 'claimed': {
        const verdict = await carryOut(deps, claimed.revision);
        if (verdict !== 'next') return verdict;
        break;
      }
      default:
        return claimed satisfies never;
    }
  }
  return { kind: 'retry', delayMs: 0, reason: 'more revisions than one message may carry out' };
}

async function carryOut(deps: HandleWakeDeps, claim: ClaimedRevision): Promise<Verdict | 'next'> {
  const outcome = await runWithTraceparent(traceparentOf(claim), () =>
    withSpan(
      'revision.try',
      { identifier: claim.identifier, revision: claim.revision, operation: claim.operation },
      () => keepingClaim(deps, claim, () => deps.tryRevision(claim)),
    ),
  );
  deps.meters.tries.inc({ operation: claim.operation, outcome: outcome.kind });
  const fields = {
    identifier: claim.identifier,
    revision: claim.revision,
    operation: claim.operation,
    attempt: claim.attempt,
  };
  switch (outcome.kind) {
    case 'done': {
      deps.log.info('revision_done', fields);
      const [verdict] = await Promise.all([
        end(deps, claim, { kind: 'success' }),
        outcome.written === null ? undefined : deps.recordWritten(outcome.written),
      ]);
      return verdict;
    }
    case 'final': {
      deps.log.warn('revision_failed', { ...fields, ...outcome.error });
      return end(deps, claim, { kind: 'failure', error: outcome.error, deadLetter: null });
    }
    case 'passing': {
      const delayMs = Math.max(
        backoffDelayMs(claim.attempt, deps.backoff, systemRandom),
        outcome.retryAfterMs ?? 0,
      );
      deps.log.warn('revision_try_failed', { ...fields, ...outcome.error, delay_ms: delayMs });
      const isOurs = await deps.store.releaseRevision(claim, outcome.error, delayMs);
      if (!isOurs) logLostClaim(deps, claim);
      return { kind: 'retry', delayMs, reason: outcome.error.code };
    }
    default:
      return outcome satisfies never;
  }
}

/**
 * What a revision does belongs to the trace of the request that asked for it, whoever's message woke
 * the worker: that of another revision, or the sweeper's.
 */
function traceparentOf({ traceparent }: ClaimedRevision): string | null {
  const current = currentTraceparent();
  if (traceparent === null) return current;
  return current !== null && traceIdOf(current) === traceIdOf(traceparent) ? current : traceparent;
}

/** Of a traceparent of version 00: 32 hexadecimal digits. */
function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** Dead letter first, acknowledged by its stream; only then does the revision end. */
async function giveUp(
  deps: HandleWakeDeps,
  { revision: claim, tries, lastError }: Extract<ClaimOutcome, { readonly kind: 'exhausted' }>,
): Promise<void> {
  const error: Failure = {
    code: lastError?.code ?? FailureCode.AttemptsUsedUp,
    message: `Given up after ${tries} tries. ${lastError?.message ?? 'The worker ended in each.'}`,
  };
  await deps.publishDeadLetter(claim, error.message, tries);
  deps.log.error('revision_dead_lettered', {
    identifier: claim.identifier,
    revision: claim.revision,
    attempts: tries,
    ...error,
  });
  await end(deps, claim, {
    kind: 'failure',
    error,
    deadLetter: deadLetterInput(claim, error.message, tries),
  });
}

function deadLetterInput(claim: ClaimedRevision, reason: string, attempts: number) {
  return {
    deduplicationId: deadLetterId(claim),
    stream: '',
    subject: '',
    payload: new Uint8Array(0),
    reason,
    attempts,
  };
}

/** The same for every try of giving one revision up: in the stream and in the table. */
export function deadLetterId(claim: Pick<ClaimedRevision, 'identifier' | 'revision'>): string {
  return `revision:${claim.identifier}:${claim.revision}`;
}

async function end(
  deps: HandleWakeDeps,
  claim: ClaimedRevision,
  outcome: EndInput['outcome'],
): Promise<Verdict | 'next'> {
  const ended = await deps.store.endRevision({ claim, outcome });
  if (ended.kind === 'lost') {
    logLostClaim(deps, claim);
    return 'next';
  }
  deps.meters.revisionSeconds.observe(
    { operation: claim.operation, outcome: outcome.kind },
    (Date.now() - claim.createdAt.getTime()) / 1_000,
  );
  deps.wakeActivity(claim.identifier);
  return ended.more ? 'next' : { kind: 'ack' };
}

/** This worker was paused for longer than its lease, and another one has the revision. */
function logLostClaim({ log }: HandleWakeDeps, { identifier, revision }: ClaimedRevision): void {
  log.warn('claim_lost', { identifier, revision });
}

/** Extends the claim while the try runs. A lost claim is noticed when the revision is ended. */
async function keepingClaim<Value>(
  deps: HandleWakeDeps,
  claim: ClaimedRevision,
  run: () => Promise<Value>,
): Promise<Value> {
  const timer = setInterval(() => {
    deps.store.renewClaim(claim, deps.claimLeaseMs).catch((error: unknown) => {
      deps.log.warn('claim_renewal_failed', { identifier: claim.identifier, error });
    });
  }, deps.claimLeaseMs / renewalsPerLease);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}
