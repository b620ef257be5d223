/**
 * How a rollout stands, and why. The states are those of Argo CD's health check of Deployments; the
 * reasons go further, to the pods.
 *
 * The first of these that holds is told:
 *
 * | health | when | reason |
 * |---|---|---|
 * | Missing | there is no Deployment | `NotFound` |
 * | Progressing | it is being deleted | `Terminating` |
 * | Suspended | it is paused | `Paused` |
 * | Progressing | its controller hasn't seen the newest generation | `NotObserved` |
 * | Healthy | every replica is new and available, and no old one is left | `ScaledToZero`, `RolloutComplete` |
 * | Degraded | pods can't even be made (a quota, an admission webhook …) | the condition's, such as `FailedCreate` |
 * | Degraded | a new pod is in trouble that won't pass by itself | the pod's, in the order of trouble.ts |
 * | Progressing, after the deadline Degraded | a new pod is in trouble that may pass | the pod's, such as `NotReady`, `Evicted`, `FailedMount` |
 * | Progressing, after the deadline Degraded | new pods are wanting, and there is a warning about it | the event's |
 * | Degraded | the deadline for progress is past | `ProgressDeadlineExceeded` |
 * | Progressing | the counts aren't there yet | `UpdatingReplicas`, `TerminatingOldReplicas`, `WaitingForReplicas` |
 *
 * Pods of older replica sets are never a reason.
 */
import { newestWarning } from './events.ts';
import { type NewestPods, nameOf, newestPods } from './newest-pods.ts';
import type { DeploymentObject, EventObject, RolloutInput, StatusCondition } from './objects.ts';
import { podTrouble } from './pod-trouble.ts';
import { rankOf, type Trouble } from './trouble.ts';
import { Health, type RolloutHealth } from './types.ts';

/** Of RolloutHealth.message; a kubelet can be long-winded. */
const messageLengthMax = 1024;

/** The health of a rollout. The order of the lists doesn't matter. */
export function rolloutHealth(input: RolloutInput): RolloutHealth {
  const { deployment } = input;
  if (deployment === null) return missing;
  const settled = settledHealth(deployment);
  if (settled !== null) return settled;
  const newest = newestPods(deployment, input);
  const pastDeadline = deadlineCondition(deployment);
  const trouble =
    replicaFailure(deployment) ??
    worstPod(newest, input.events) ??
    missingPods(deployment, newest, input.events);
  if (trouble !== null) {
    const degraded = trouble.stuck || pastDeadline !== null;
    const health = degraded ? Health.Degraded : Health.Progressing;
    return { health, reason: trouble.reason, message: bounded(trouble.message) };
  }
  if (pastDeadline !== null) {
    const message = bounded(pastDeadline.message ?? 'no progress within the deadline');
    return { health: Health.Degraded, reason: 'ProgressDeadlineExceeded', message };
  }
  return progress(deployment);
}

/**
 * True where replica sets, pods and events can change the answer; else the Deployment alone says
 * it, and empty lists do.
 */
export function needsPods(deployment: DeploymentObject | null): boolean {
  return deployment !== null && settledHealth(deployment) === null;
}

const missing: RolloutHealth = {
  health: Health.Missing,
  reason: 'NotFound',
  message: 'the cluster has no such deployment',
};

/** What the Deployment alone says; null where the pods have to be looked at. */
function settledHealth(deployment: DeploymentObject): RolloutHealth | null {
  const { metadata, spec, status } = deployment;
  if (metadata?.deletionTimestamp !== undefined) {
    const message = 'the deployment is being deleted';
    return { health: Health.Progressing, reason: 'Terminating', message };
  }
  if (spec?.paused === true) {
    return { health: Health.Suspended, reason: 'Paused', message: 'the rollout is held' };
  }
  const generation = metadata?.generation ?? 0;
  if (generation > (status?.observedGeneration ?? 0)) {
    const message = `generation ${generation} has not been looked at by the deployment controller`;
    return { health: Health.Progressing, reason: 'NotObserved', message };
  }
  return isComplete(deployment) ? complete(deployment) : null;
}

function isComplete(deployment: DeploymentObject): boolean {
  const { desired, current, updated, available } = countsOf(deployment);
  const counted = updated >= desired && current <= updated && available >= updated;
  return counted && deadlineCondition(deployment) === null;
}

function complete(deployment: DeploymentObject): RolloutHealth {
  const { desired, ready } = countsOf(deployment);
  return desired === 0
    ? { health: Health.Healthy, reason: 'ScaledToZero', message: 'no replicas are asked for' }
    : {
        health: Health.Healthy,
        reason: 'RolloutComplete',
        message: `${ready} of ${desired} replicas ready`,
      };
}

function progress(deployment: DeploymentObject): RolloutHealth {
  const { desired, current, updated, available, ready } = countsOf(deployment);
  const health = Health.Progressing;
  if (updated < desired) {
    const message = `${updated} of ${desired} replicas are new, ${ready} are ready`;
    return { health, reason: 'UpdatingReplicas', message };
  }
  if (current > updated) {
    const message = `old replicas still to end: ${current - updated}`;
    return { health, reason: 'TerminatingOldReplicas', message };
  }
  const message = `${available} of ${updated} new replicas are available, ${ready} are ready`;
  return { health, reason: 'WaitingForReplicas', message };
}

type Counts = {
  readonly desired: number;
  readonly current: number;
  readonly updated: number;
  readonly available: number;
  readonly ready: number;
};

function countsOf({ spec, status }: DeploymentObject): Counts {
  return {
    desired: spec?.replicas ?? 1,
    current: status?.replicas ?? 0,
    updated: status?.updatedReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    ready: status?.readyReplicas ?? 0,
  };
}

function deadlineCondition(deployment: DeploymentObject): StatusCondition | null {
  const progressing = condition(deployment, 'Progressing');
  const past = progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded';
  return past ? progressing : null;
}

function replicaFailure(deployment: DeploymentObject): Trouble | null {
  const failure = condition(deployment, 'ReplicaFailure');
  if (failure?.status !== 'True') return null;
  const reason = failure.reason ?? 'ReplicaFailure';
  return { reason, message: failure.message ?? reason, stuck: true };
}

function condition(deployment: DeploymentObject, type: string): StatusCondition | undefined {
  return deployment.status?.conditions?.find((candidate) => candidate.type === type);
}

/** The worst trouble of the new pods, told of the first pod by name that has it. */
function worstPod(newest: NewestPods, events: readonly EventObject[]): Trouble | null {
  const troubled = newest.pods
    .flatMap((pod) => {
      const trouble = podTrouble(pod, events);
      return trouble === null ? [] : [{ name: nameOf(pod), trouble }];
    })
    // Stable: among equals the pods stay sorted by name.
    .toSorted((left, right) => rankOf(left.trouble) - rankOf(right.trouble));
  const first = troubled[0];
  if (first === undefined) return null;
  const others =
    troubled.filter(({ trouble }) => trouble.reason === first.trouble.reason).length - 1;
  const more = others === 0 ? '' : ` (and ${others} more of the pods)`;
  return { ...first.trouble, message: `pod ${first.name}: ${first.trouble.message}${more}` };
}

/** Fewer new pods than asked for: what the replica set or the deployment complains about. */
function missingPods(
  deployment: DeploymentObject,
  newest: NewestPods,
  events: readonly EventObject[],
): Trouble | null {
  if (newest.pods.length >= countsOf(deployment).desired) return null;
  const warning =
    (newest.replicaSet === null ? null : newestWarning(newest.replicaSet, events)) ??
    newestWarning(deployment, events);
  return warning === null ? null : { ...warning, stuck: false };
}

/** At most the given length, never half a character. */
function bounded(message: string): string {
  if (message.length <= messageLengthMax) return message;
  return `${message.slice(0, messageLengthMax - 1).toWellFormed()}…`;
}
