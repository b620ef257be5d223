/** The Service in front of a Deployment's pods, where the spec asks for one. */
import { required } from '@windlass/base';
import { isManaged, readOwnership, toService } from '@windlass/deployment-spec';
import {
  adoptCreatedFields,
  type Deployment,
  findObject,
  type OwnerReference,
  type Service,
  services,
} from '@windlass/kube';
import type { ClaimedRevision } from '@windlass/postgres';
import { fieldManager } from './field-manager.ts';
import { identityOf } from './identity.ts';
import { FailureCode, type TryOutcome } from './outcome.ts';
import type { TryDeps } from './try-revision.ts';

/** Null unless a foreign Service is in the way: asked before anything is written. */
export async function checkService(
  deps: TryDeps,
  claim: ClaimedRevision,
): Promise<TryOutcome | null> {
  const live = await find(deps, claim);
  if (live === null || isManaged(live.metadata)) return null;
  return {
    kind: 'final',
    error: {
      code: FailureCode.ForeignObject,
      message:
        `A Service ${claim.namespace}/${claim.identifier} exists that Windlass didn't make. ` +
        'It is left as it is: delete it, or leave the service out of the spec.',
    },
  };
}

/** Owned by the Deployment, so that Kubernetes removes it with that. */
export async function putService(
  deps: TryDeps,
  claim: ClaimedRevision,
  owner: Deployment,
): Promise<void> {
  const wanted = toService(claim.spec, identityOf(claim));
  if (wanted === null) return;
  const manifest = {
    ...wanted,
    metadata: { ...wanted.metadata, ownerReferences: [ownerReference(owner)] },
  };
  const live = await find(deps, claim);
  if (live === null) {
    await deps.kube.create(services, manifest, { fieldManager, signal: deps.signal });
    return;
  }
  if (!isManaged(live.metadata)) return;
  if (readOwnership(live.metadata).revision >= claim.revision) return;
  const target = { namespace: claim.namespace, name: claim.identifier };
  const patch = adoptCreatedFields(live, fieldManager);
  const options = { fieldManager, signal: deps.signal };
  const adopted =
    patch === null ? live : await deps.kube.jsonPatch(services, target, patch, options);
  await deps.kube.apply(
    services,
    {
      ...manifest,
      metadata: {
        ...manifest.metadata,
        uid: required(adopted.metadata.uid, 'metadata.uid'),
        resourceVersion: required(adopted.metadata.resourceVersion, 'metadata.resourceVersion'),
      },
    },
    { ...options, force: true },
  );
}

/**
 * Removes the Service of an older revision. Called before the Deployment is changed, so that a try
 * which dies in between finds the Deployment's revision still lower and comes here again.
 */
export async function removeService(
  deps: TryDeps,
  claim: ClaimedRevision,
  owner: Deployment,
): Promise<void> {
  const live = await find(deps, claim);
  if (live === null || !isManaged(live.metadata)) return;
  const isOwned = live.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid);
  if (isOwned !== true || readOwnership(live.metadata).revision > claim.revision) return;
  await deps.kube.delete(
    services,
    { namespace: claim.namespace, name: claim.identifier },
    {
      preconditions: live.metadata.uid === undefined ? {} : { uid: live.metadata.uid },
      signal: deps.signal,
    },
  );
}

function ownerReference({ metadata }: Deployment): OwnerReference {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: required(metadata.name, 'metadata.name'),
    uid: required(metadata.uid, 'metadata.uid'),
    controller: true,
  };
}

function find(deps: TryDeps, claim: ClaimedRevision): Promise<Service | null> {
  const { namespace, identifier } = claim;
  return findObject(deps.kube, services, { namespace, name: identifier, signal: deps.signal });
}
