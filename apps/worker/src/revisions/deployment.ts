/** Creating and changing the Deployment of a revision. */
import { required } from '@windlass/base';
import { toDeployment } from '@windlass/deployment-spec';
import {
  adoptCreatedFields,
  type Deployment,
  deployments,
  horizontalPodAutoscalers,
  replicasOwner,
} from '@windlass/kube';
import type { ClaimedRevision } from '@windlass/postgres';
import { fieldManager } from './field-manager.ts';
import { identityOf } from './identity.ts';
import type { TryDeps } from './try-revision.ts';

/** By POST, so that an object which is there after all is a failure and not a merge. */
export function createDeployment(deps: TryDeps, claim: ClaimedRevision): Promise<Deployment> {
  return deps.kube.create(deployments, toDeployment(claim.spec, identityOf(claim)), {
    fieldManager,
    signal: deps.signal,
  });
}

/**
 * By server-side apply, at the resource version that `live` was read at. Forced: the object is ours,
 * and the newest intent wins over what was changed by hand.
 */
export async function applyDeployment(
  deps: TryDeps,
  claim: ClaimedRevision,
  live: Deployment,
): Promise<Deployment> {
  const omitReplicas = await isAutoscaled(deps, live);
  const adopted = await adopt(deps, claim, live);
  const manifest = toDeployment(claim.spec, identityOf(claim), { omitReplicas });
  return deps.kube.apply(
    deployments,
    {
      ...manifest,
      metadata: {
        ...manifest.metadata,
        uid: required(adopted.metadata.uid, 'metadata.uid'),
        resourceVersion: required(adopted.metadata.resourceVersion, 'metadata.resourceVersion'),
      },
    },
    { fieldManager, force: true, signal: deps.signal },
  );
}

/**
 * Whether an autoscaler set the number of replicas. `kubectl scale` leaves the same mark on the
 * object, so the autoscaler itself is looked for; only where there is the mark.
 */
async function isAutoscaled(deps: TryDeps, live: Deployment): Promise<boolean> {
  if (replicasOwner(live, fieldManager)?.subresource !== 'scale') return false;
  const { namespace = '', name } = live.metadata;
  const autoscalers = await deps.kube.listAll(horizontalPodAutoscalers, {
    namespace,
    signal: deps.signal,
  });
  return autoscalers.items.some(({ spec }) => {
    const target = spec?.scaleTargetRef;
    return target?.kind === 'Deployment' && target.name === name;
  });
}

/** Moves the fields that the POST made ours to the apply, once, so that an apply can remove them. */
async function adopt(deps: TryDeps, claim: ClaimedRevision, live: Deployment): Promise<Deployment> {
  const patch = adoptCreatedFields(live, fieldManager);
  if (patch === null) return live;
  return deps.kube.jsonPatch(
    deployments,
    { namespace: claim.namespace, name: claim.identifier },
    patch,
    { fieldManager, signal: deps.signal },
  );
}
