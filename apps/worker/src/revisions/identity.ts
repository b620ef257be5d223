import { createHash } from 'node:crypto';
import { type DeploymentIdentity, userLabelValue } from '@windlass/deployment-spec';
import type { ClaimedRevision } from '@windlass/postgres';

export function identityOf(claim: ClaimedRevision): DeploymentIdentity {
  return {
    identifier: claim.identifier,
    namespace: claim.namespace,
    userId: claim.userId,
    userLabel: userLabelValue(claim.userId, sha256Hex),
    requestId: claim.request,
    revision: claim.revision,
  };
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
