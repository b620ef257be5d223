/**
 * One try of one revision against the cluster: reads first, then writes at most what is missing.
 * Running it again after a crash at any point does no harm, since what it finds tells how far the
 * last try came.
 *
 * Against a worker that was paused between its claim and its write: nothing is written over an object
 * whose `windlass.dev/revision` is as high or higher, and each write carries the resource version
 * that this was read at.
 */
import { isManaged, readOwnership } from '@windlass/deployment-spec';
import {
  classifyKubeError,
  type Deployment,
  deployments,
  findObject,
  type KubeClient,
  KubeError,
} from '@windlass/kube';
import type { ClaimedRevision } from '@windlass/postgres';
import { applyDeployment, createDeployment } from './deployment.ts';
import { FailureCode, type TryOutcome } from './outcome.ts';
import { checkService, putService, removeService } from './service.ts';

export type TryDeps = {
  readonly kube: KubeClient;
  readonly signal: AbortSignal;
};

/** A status update between our read and our write is likely while a rollout runs; more is not. */
const conflictRereadsMax = 8;

/** How long until an object that is being deleted is looked at again. */
const terminatingRetryMs = 1_000;

const nothingToDo: TryOutcome = { kind: 'done', written: null };

export async function tryRevision(deps: TryDeps, claim: ClaimedRevision): Promise<TryOutcome> {
  try {
    for (let reread = 0; reread < conflictRereadsMax; reread += 1) {
      const outcome = await tryOnce(deps, claim, reread);
      if (outcome !== 'read-again') return outcome;
    }
    return {
      kind: 'passing',
      error: {
        code: FailureCode.Contended,
        message: `The object changed between reading and writing, ${conflictRereadsMax} times in a row.`,
      },
      retryAfterMs: null,
    };
  } catch (error) {
    if (error instanceof KubeError) return sortFailure(error);
    throw error;
  }
}

async function tryOnce(
  deps: TryDeps,
  claim: ClaimedRevision,
  reread: number,
): Promise<TryOutcome | 'read-again'> {
  try {
    return claim.operation === 'DELETE'
      ? await remove(deps, claim)
      : await put(deps, claim, reread);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const kind = classifyKubeError(error);
    const moved = kind === 'conflict' || kind === 'already-exists' || kind === 'not-found';
    // A missing namespace is a 404 too, but reading again won't make it appear.
    if (moved && error.about === 'object') return 'read-again';
    throw error;
  }
}

async function put(deps: TryDeps, claim: ClaimedRevision, reread: number): Promise<TryOutcome> {
  if (claim.spec.service !== undefined) {
    const refused = await checkService(deps, claim);
    if (refused !== null) return refused;
  }
  // A first try of a creation expects nothing there, and learns otherwise from the POST.
  const isFirstTry = claim.operation === 'CREATE' && claim.attempt === 1 && reread === 0;
  const live = isFirstTry ? null : await find(deps, claim);
  if (live === null) {
    const created = await createDeployment(deps, claim);
    if (claim.spec.service !== undefined) await putService(deps, claim, created);
    return { kind: 'done', written: created };
  }
  const obstacle = obstacleIn(live, claim);
  if (obstacle !== null) return obstacle;
  const { revision } = readOwnership(live.metadata);
  if (revision > claim.revision) return nothingToDo;
  // Looked for also where the last revision had none: a worker that was paused since an earlier one
  // may have made its Service only now, and nobody but the next revision would find it.
  if (claim.spec.service === undefined) await removeService(deps, claim, live);
  const current = revision === claim.revision ? live : await applyDeployment(deps, claim, live);
  if (claim.spec.service !== undefined) await putService(deps, claim, current);
  return { kind: 'done', written: current };
}

async function remove(deps: TryDeps, claim: ClaimedRevision): Promise<TryOutcome> {
  const live = await find(deps, claim);
  // A foreign object isn't ours to delete, and ours is not there: that is what was asked for.
  if (live === null || !isManaged(live.metadata)) return nothingToDo;
  if (readOwnership(live.metadata).revision > claim.revision) return nothingToDo;
  if (live.metadata.deletionTimestamp !== undefined) return nothingToDo;
  await deps.kube.delete(
    deployments,
    { namespace: claim.namespace, name: claim.identifier },
    {
      preconditions: {
        ...(live.metadata.uid === undefined ? {} : { uid: live.metadata.uid }),
        ...(live.metadata.resourceVersion === undefined
          ? {}
          : { resourceVersion: live.metadata.resourceVersion }),
      },
      // Replica sets, pods and the Service follow by their owner references.
      propagationPolicy: 'Background',
      signal: deps.signal,
    },
  );
  return nothingToDo;
}

function obstacleIn(live: Deployment, claim: ClaimedRevision): TryOutcome | null {
  if (!isManaged(live.metadata)) {
    return {
      kind: 'final',
      error: {
        code: FailureCode.ForeignObject,
        message:
          `A Deployment ${claim.namespace}/${claim.identifier} exists that Windlass didn't make. ` +
          'It is left as it is: delete it, or choose another identifier.',
      },
    };
  }
  if (live.metadata.deletionTimestamp === undefined) return null;
  return {
    kind: 'passing',
    error: {
      code: FailureCode.Terminating,
      message: `The Deployment ${claim.namespace}/${claim.identifier} is still being deleted.`,
    },
    retryAfterMs: terminatingRetryMs,
  };
}

function find(deps: TryDeps, claim: ClaimedRevision): Promise<Deployment | null> {
  const { namespace, identifier } = claim;
  return findObject(deps.kube, deployments, { namespace, name: identifier, signal: deps.signal });
}

function sortFailure(error: KubeError): TryOutcome {
  const kind = classifyKubeError(error);
  switch (kind) {
    case 'final':
    case 'not-found':
      return { kind: 'final', error: { code: FailureCode.Refused, message: error.message } };
    case 'already-exists':
    case 'conflict':
    case 'gone':
    case 'passing':
      return {
        kind: 'passing',
        error: { code: FailureCode.Unavailable, message: error.message },
        retryAfterMs: error.retryAfterMs,
      };
    default:
      return kind satisfies never;
  }
}
