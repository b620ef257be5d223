/**
 * The store: every operation of the contract, bound to a pool. Errors are sorted here, at the boundary:
 * what a caller gets is passing (`unavailable`) or a bug.
 */
import type { Postgres } from '../connect.ts';
import { passingError } from '../errors.ts';
import { createAcceptRequest } from './accept-request.ts';
import { audit } from './audit.ts';
import { changeRequest } from './change-request.ts';
import { createClaimRevision } from './claim-revision.ts';
import type { DeploymentStore } from './contract.ts';
import { dropDeadLetter } from './drop-dead-letter.ts';
import { createEndRevision } from './end-revision.ts';
import { findStandingStill } from './find-standing-still.ts';
import { getDeadLetter } from './get-dead-letter.ts';
import { getDeployment } from './get-deployment.ts';
import { getRequest } from './get-request.ts';
import { listAudit } from './list-audit.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { listDeployments } from './list-deployments.ts';
import { listObservedVersions } from './list-observed-versions.ts';
import { listRequests } from './list-requests.ts';
import { listRevisions } from './list-revisions.ts';
import { outboxLag } from './outbox-lag.ts';
import { prune } from './prune.ts';
import { readActivity } from './read-activity.ts';
import { recordAbsent } from './record-absent.ts';
import { recordDeadLetter } from './record-dead-letter.ts';
import { createRecordObserved } from './record-observed.ts';
import { relayOutbox } from './relay-outbox.ts';
import { releaseRevision } from './release-revision.ts';
import { renewClaim } from './renew-claim.ts';
import { newerEndedRevision, reopenRevision } from './reopen-revision.ts';
import { replayDeadLetter } from './replay-dead-letter.ts';

export function createDeploymentStore(postgres: Postgres): DeploymentStore {
  const bound =
    <Arguments extends readonly unknown[], Value>(
      operation: (postgres: Postgres, ...values: Arguments) => Promise<Value>,
    ) =>
    (...values: Arguments): Promise<Value> =>
      sorted(() => operation(postgres, ...values));
  const { acceptRequest } = createAcceptRequest(postgres);
  const { claimRevision } = createClaimRevision(postgres);
  const { endRevision } = createEndRevision(postgres);
  const { recordObserved } = createRecordObserved(postgres);
  return {
    acceptRequest: (input) => sorted(() => acceptRequest(input)),
    changeRequest: bound(changeRequest),
    getRequest: bound(getRequest),
    listRequests: bound(listRequests),
    getDeployment: bound(getDeployment),
    listDeployments: bound(listDeployments),
    listRevisions: bound(listRevisions),
    listDeadLetters: bound(listDeadLetters),
    getDeadLetter: bound(getDeadLetter),
    replayDeadLetter: bound(replayDeadLetter),
    dropDeadLetter: bound(dropDeadLetter),
    listAudit: bound(listAudit),
    audit: bound(audit),
    readActivity: bound(readActivity),
    relayOutbox: bound(relayOutbox),
    outboxLag: bound(outboxLag),
    prune: bound(prune),
    claimRevision: (input) => sorted(() => claimRevision(input)),
    renewClaim: bound(renewClaim),
    endRevision: (input) => sorted(() => endRevision(input)),
    releaseRevision: bound(releaseRevision),
    findStandingStill: bound(findStandingStill),
    newerEndedRevision: bound(newerEndedRevision),
    reopenRevision: bound(reopenRevision),
    listObservedVersions: bound(listObservedVersions),
    recordObserved: (observed) => sorted(() => recordObserved(observed)),
    recordAbsent: bound(recordAbsent),
    recordDeadLetter: bound(recordDeadLetter),
  };
}

async function sorted<Value>(operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    throw passingError(error);
  }
}
