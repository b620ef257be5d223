/** The request that stands behind a target of a change. */
import type { ChangeInput, DeploymentStore, RequestRecord, Scope } from '@windlass/postgres';
import { notFound } from './refusals.ts';

type Store = Pick<DeploymentStore, 'getRequest' | 'listRequests'>;

/** The request by its id, or the one that holds the deployment's identifier; null where none is. */
export async function findRequest(
  store: Store,
  scope: Scope,
  target: ChangeInput['target'],
): Promise<RequestRecord | null> {
  if ('request' in target) return store.getRequest(scope, target.request);
  // The newest one: those before it have ended with the deletion of the deployment.
  const page = await store.listRequests(
    scope,
    { identifier: target.identifier },
    { limit: 1, after: null },
  );
  return page.items[0] ?? null;
}

/** As findRequest, or 404: the same for what isn't there and for what is somebody else's. */
export async function requireRequest(
  store: Store,
  scope: Scope,
  target: ChangeInput['target'],
): Promise<RequestRecord> {
  const record = await findRequest(store, scope, target);
  if (record !== null) return record;
  throw notFound(target);
}
