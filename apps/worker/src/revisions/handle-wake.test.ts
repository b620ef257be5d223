import type { ClaimedRevision, ClaimOutcome } from '@windlass/postgres';
import { createLog, createMetrics } from '@windlass/telemetry';
import { expect, it, vi } from 'vitest';
import { createWorkerMeters } from '../meters.ts';
import { type HandleWakeDeps, handleWake } from './handle-wake.ts';

/** The sixth claim: three were tries, two died while they gave up. */
const revision: ClaimedRevision = {
  identifier: 'web',
  namespace: 'default',
  userId: 'ada',
  request: 'r-1',
  revision: 7,
  operation: 'UPDATE',
  spec: { image: 'nginx:1.27', replicas: 1 },
  attempt: 6,
  createdAt: new Date(0),
  traceparent: null,
};

const notCalled = () => Promise.reject(new Error('not called'));

it('says in the dead letter how often it was tried, not how often it was claimed', async () => {
  const lastError = { code: 'kubernetes-unavailable', message: 'connection refused' };
  const exhausted: ClaimOutcome = { kind: 'exhausted', revision, tries: 3, lastError };
  const publishDeadLetter = vi.fn<HandleWakeDeps['publishDeadLetter']>(async () => undefined);
  const claimRevision = vi.fn<HandleWakeDeps['store']['claimRevision']>();
  claimRevision.mockResolvedValueOnce(exhausted).mockResolvedValueOnce({ kind: 'idle' });
  const endRevision = vi.fn<HandleWakeDeps['store']['endRevision']>(async () => ({
    kind: 'ended',
    more: false,
  }));
  const verdict = await handleWake(
    {
      store: {
        claimRevision,
        endRevision,
        releaseRevision: notCalled,
        renewClaim: notCalled,
      },
      log: createLog({ app: 'test', level: 'error', format: 'json', destination: { write() {} } }),
      meters: createWorkerMeters(createMetrics('test')),
      workerId: 'w',
      claimLeaseMs: 1_000,
      attemptsMax: 3,
      backoff: { initialMs: 1, maxMs: 1 },
      tryRevision: notCalled,
      publishDeadLetter,
      recordWritten: notCalled,
      wakeActivity: () => undefined,
    },
    'web',
  );
  expect(verdict).toEqual({ kind: 'ack' });
  const reason = 'Given up after 3 tries. connection refused';
  expect(publishDeadLetter).toHaveBeenCalledWith(revision, reason, 3);
  expect(endRevision.mock.lastCall?.[0].outcome).toMatchObject({
    kind: 'failure',
    error: { message: reason },
    deadLetter: { reason, attempts: 3 },
  });
});
