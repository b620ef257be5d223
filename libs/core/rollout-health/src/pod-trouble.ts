import { containerTrouble, initContainerTrouble } from './container-trouble.ts';
import { newestWarning } from './events.ts';
import { compareText } from './newest-pods.ts';
import type { EventObject, PodObject, StatusCondition } from './objects.ts';
import { rankOf, type Trouble } from './trouble.ts';

/** The worst that is wrong with a pod; null: nothing, or nothing yet. */
export function podTrouble(pod: PodObject, events: readonly EventObject[]): Trouble | null {
  if (pod.status?.phase === 'Failed') return failedPodTrouble(pod.status);
  return worst([
    ...conditionTroubles(pod),
    ...(pod.status?.initContainerStatuses ?? []).map(initContainerTrouble),
    ...(pod.status?.containerStatuses ?? []).map((status) =>
      withProbeEvent(containerTrouble(status), pod, events),
    ),
    ...startTroubles(pod, events),
  ]);
}

/**
 * Evicted, or refused by its node: another pod takes its place, which may do better. One that failed
 * without such a reason failed by its containers, and nothing will start them again.
 */
function failedPodTrouble(status: NonNullable<PodObject['status']>): Trouble {
  const reason = status.reason ?? 'PodFailed';
  const failed = { reason, message: status.message ?? reason, stuck: false };
  if (status.reason !== undefined) return failed;
  const exits = worst([
    ...(status.initContainerStatuses ?? []).map(initContainerTrouble),
    ...(status.containerStatuses ?? []).map(containerTrouble),
  ]);
  return exits === null ? failed : { ...exits, stuck: true };
}

function conditionTroubles(pod: PodObject): readonly Trouble[] {
  const troubles: Trouble[] = [];
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const message = scheduled.message ?? 'no node takes the pod';
    troubles.push({ reason: 'Unschedulable', message, stuck: true });
  }
  if (condition(pod, 'ContainersReady')?.status === 'True') {
    const ready = condition(pod, 'Ready');
    if (ready?.status === 'False') {
      const message = ready.message ?? 'a readiness gate is closed';
      troubles.push({ reason: 'NotReady', message, stuck: false });
    }
  }
  return troubles;
}

/** A pod that doesn't get going says nothing itself, but events do: FailedMount and the like. */
function startTroubles(pod: PodObject, events: readonly EventObject[]): readonly Trouble[] {
  const started = (pod.status?.containerStatuses ?? []).some(
    (status) => status.state?.running !== undefined || status.state?.terminated !== undefined,
  );
  if (pod.status?.phase !== 'Pending' || started) return [];
  const warning = newestWarning(pod, events, (reason) => reason !== 'FailedScheduling');
  return warning === null ? [] : [{ ...warning, stuck: false }];
}

/** What the readiness probe got is only in an event. */
function withProbeEvent(
  trouble: Trouble | null,
  pod: PodObject,
  events: readonly EventObject[],
): Trouble | null {
  if (trouble?.reason !== 'NotReady') return trouble;
  const warning = newestWarning(pod, events, (reason) => reason === 'Unhealthy');
  return warning === null
    ? trouble
    : { ...trouble, message: `${trouble.message}: ${warning.message}` };
}

function condition(pod: PodObject, type: string): StatusCondition | undefined {
  return pod.status?.conditions?.find((candidate) => candidate.type === type);
}

function worst(troubles: readonly (Trouble | null)[]): Trouble | null {
  const found = troubles.filter((trouble) => trouble !== null);
  const worstFirst = found.toSorted(
    (left, right) => rankOf(left) - rankOf(right) || compareText(left.message, right.message),
  );
  return worstFirst[0] ?? null;
}
