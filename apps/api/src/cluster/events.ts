/** Kubernetes events of a deployment, its replica sets and its pods. */
import {
  deployments,
  events,
  type KubeClient,
  type KubeEvent,
  type KubeObject,
  replicaSets,
} from '@windlass/kube';
import type { ClusterEvent } from '../schemas/cluster.ts';
import { clusterDeadlineMs, clusterFailure, orNull, partsSelector } from './cluster.ts';
import { isReady, listPods } from './pods.ts';

/**
 * Objects whose events are asked for. Kubernetes has no index over events: each of these is a scan
 * on its side, and what is wrong with one pod of a set is wrong with the others.
 */
const replicaSetsMax = 4;
const podsMax = 10;
/** Events per object; Kubernetes itself folds repetitions into one. */
const eventsPerObjectMax = 100;

/** The newest first. */
export async function listClusterEvents(
  kube: KubeClient,
  namespace: string,
  identifier: string,
): Promise<readonly ClusterEvent[]> {
  const options = { namespace, deadlineMs: clusterDeadlineMs };
  const [deployment, sets, podList] = await Promise.all([
    orNull(kube.get(deployments, { ...options, name: identifier })),
    kube
      .list(replicaSets, { ...options, labelSelector: partsSelector(identifier) })
      .catch((error: unknown) => {
        throw clusterFailure(error);
      }),
    listPods(kube, namespace, identifier),
  ]);
  const newestSets = sets.items.toSorted((left, right) => createdAt(right) - createdAt(left));
  const troubledFirst = podList.toSorted(
    (left, right) => Number(isReady(left)) - Number(isReady(right)),
  );
  const objects: readonly KubeObject[] = [
    ...(deployment === null ? [] : [deployment]),
    ...newestSets.slice(0, replicaSetsMax),
    ...troubledFirst.slice(0, podsMax),
  ];
  const found = await Promise.all(objects.map((object) => eventsOf(kube, namespace, object)));
  return found
    .flat()
    .map(presentEvent)
    .toSorted((left, right) => (right.lastSeenAt ?? '').localeCompare(left.lastSeenAt ?? ''));
}

async function eventsOf(
  kube: KubeClient,
  namespace: string,
  object: KubeObject,
): Promise<readonly KubeEvent[]> {
  try {
    const list = await kube.list(events, {
      namespace,
      fieldSelector: `involvedObject.uid=${object.metadata.uid ?? ''}`,
      limit: eventsPerObjectMax,
      deadlineMs: clusterDeadlineMs,
    });
    return list.items;
  } catch (error) {
    throw clusterFailure(error);
  }
}

function presentEvent(event: KubeEvent): ClusterEvent {
  const first = event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? null;
  return {
    object: { kind: event.involvedObject.kind ?? '', name: event.involvedObject.name ?? '' },
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: event.count ?? 1,
    firstSeenAt: first,
    lastSeenAt: event.lastTimestamp ?? first,
  };
}

function createdAt(object: KubeObject): number {
  return Date.parse(object.metadata.creationTimestamp ?? '') || 0;
}
