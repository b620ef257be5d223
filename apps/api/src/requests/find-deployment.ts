import { WindlassError } from '@windlass/errors';
import type { DeploymentRecord, DeploymentStore, Scope } from '@windlass/postgres';

/** The deployment, or 404: the same for what isn't there and for what is somebody else's. */
export async function requireDeployment(
  store: Pick<DeploymentStore, 'getDeployment'>,
  scope: Scope,
  identifier: string,
): Promise<DeploymentRecord> {
  const record = await store.getDeployment(scope, identifier);
  if (record !== null) return record;
  throw new WindlassError('not-found', `There is no deployment ${identifier}.`);
}
