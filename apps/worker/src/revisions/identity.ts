import type { DeploymentIdentity } from '@windlass/deployment-spec';
import type { ClaimedRevision } from '@windlass/postgres';

export function identityOf(claim: ClaimedRevision): DeploymentIdentity {
  return {
    identifier: claim.identifier,
    namespace: claim.namespace,
    userId: claim.userId,
    requestId: claim.request,
    revision: claim.revision,
  };
}
