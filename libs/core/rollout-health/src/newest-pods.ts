/** Finds what runs the newest template: older replica sets say nothing about the rollout under way. */
import type { DeploymentObject, PodObject, ReplicaSetObject, RolloutInput } from './objects.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';

export type NewestPods = {
  readonly replicaSet: ReplicaSetObject | null;
  /** Without those that are being deleted, sorted by name. */
  readonly pods: readonly PodObject[];
};

export function newestPods(deployment: DeploymentObject, input: RolloutInput): NewestPods {
  const replicaSet = newestReplicaSet(
    input.replicaSets.filter((candidate) => isOwnedBy(candidate, deployment)),
  );
  if (replicaSet === null) return { replicaSet, pods: [] };
  const pods = input.pods
    .filter((pod) => isOwnedBy(pod, replicaSet))
    .filter((pod) => pod.metadata?.deletionTimestamp === undefined)
    .sort((left, right) => compareText(nameOf(left), nameOf(right)));
  return { replicaSet, pods };
}

/** The deployment controller numbers its replica sets; a rollback gives an old one the newest number. */
function newestReplicaSet(replicaSets: readonly ReplicaSetObject[]): ReplicaSetObject | null {
  const newestFirst = replicaSets.toSorted(
    (left, right) =>
      revisionOf(right) - revisionOf(left) ||
      compareText(createdAt(right), createdAt(left)) ||
      compareText(nameOf(left), nameOf(right)),
  );
  return newestFirst[0] ?? null;
}

function revisionOf(replicaSet: ReplicaSetObject): number {
  const revision = Number(replicaSet.metadata?.annotations?.[revisionAnnotation]);
  return Number.isSafeInteger(revision) ? revision : 0;
}

function createdAt(replicaSet: ReplicaSetObject): string {
  return replicaSet.metadata?.creationTimestamp ?? '';
}

function isOwnedBy(child: PodObject | ReplicaSetObject, owner: DeploymentObject): boolean {
  const uid = owner.metadata?.uid;
  const owners = child.metadata?.ownerReferences ?? [];
  return uid !== undefined && owners.some((reference) => reference.uid === uid);
}

export function nameOf(object: PodObject | ReplicaSetObject): string {
  return object.metadata?.name ?? '';
}

export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
