/** The pods of a deployment, told in short. */
import { type ContainerStatus, type KubeClient, type Pod as KubePod, pods } from '@windlass/kube';
import type { Pod } from '../schemas/cluster.ts';
import { clusterDeadlineMs, clusterFailure, partsSelector } from './cluster.ts';

/** A deployment has 1,000 replicas at most, and during a rollout up to twice as many pods. */
const podsMax = 2_500;

/** Newest first. */
export async function listPods(
  kube: KubeClient,
  namespace: string,
  identifier: string,
): Promise<readonly KubePod[]> {
  try {
    const list = await kube.listAll(pods, {
      namespace,
      labelSelector: partsSelector(identifier),
      itemsMax: podsMax,
      deadlineMs: clusterDeadlineMs,
    });
    return list.items.toSorted(
      (left, right) => createdAt(right).localeCompare(createdAt(left)) || byName(left, right),
    );
  } catch (error) {
    throw clusterFailure(error);
  }
}

export function presentPod(pod: KubePod): Pod {
  const statuses = pod.status?.containerStatuses ?? [];
  const troubled = statuses.find((status) => reasonOf(status) !== null);
  const unscheduled = pod.status?.conditions?.find(
    (condition) => condition.type === 'PodScheduled' && condition.status === 'False',
  );
  const spec: Readonly<Record<string, unknown>> = pod.spec ?? {};
  return {
    name: pod.metadata.name ?? '',
    phase: pod.status?.phase ?? 'Unknown',
    ready: isReady(pod),
    restarts: statuses.reduce((sum, status) => sum + status.restartCount, 0),
    image: pod.spec?.containers[0]?.image ?? '',
    node: typeof spec['nodeName'] === 'string' ? spec['nodeName'] : null,
    podIp: podIp(pod),
    reason:
      pod.status?.reason ??
      (troubled === undefined ? null : reasonOf(troubled)) ??
      unscheduled?.reason ??
      null,
    message:
      pod.status?.message ??
      (troubled === undefined ? null : messageOf(troubled)) ??
      unscheduled?.message ??
      null,
    containers: statuses.map((status) => ({
      name: status.name,
      ready: status.ready,
      restarts: status.restartCount,
      state: stateName(status),
      reason: reasonOf(status),
      message: messageOf(status),
      exitCode:
        status.state?.terminated?.exitCode ?? status.lastState?.terminated?.exitCode ?? null,
    })),
    createdAt: createdAt(pod),
    deletedAt: pod.metadata.deletionTimestamp ?? null,
  };
}

export function isReady(pod: KubePod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    ) === true
  );
}

function createdAt(pod: KubePod): string {
  return pod.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z';
}

function byName(left: KubePod, right: KubePod): number {
  return (left.metadata.name ?? '').localeCompare(right.metadata.name ?? '');
}

function podIp(pod: KubePod): string | null {
  const status: Readonly<Record<string, unknown>> = pod.status ?? {};
  return typeof status['podIP'] === 'string' ? status['podIP'] : null;
}

function stateName(status: ContainerStatus): string {
  if (status.state?.running !== undefined) return 'running';
  if (status.state?.waiting !== undefined) return 'waiting';
  return status.state?.terminated === undefined ? 'unknown' : 'terminated';
}

function reasonOf(status: ContainerStatus): string | null {
  return status.state?.waiting?.reason ?? status.state?.terminated?.reason ?? null;
}

function messageOf(status: ContainerStatus): string | null {
  return status.state?.waiting?.message ?? status.state?.terminated?.message ?? null;
}
