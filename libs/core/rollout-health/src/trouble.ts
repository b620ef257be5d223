/** What is wrong with a pod, and which of several reasons is told. */

export type Trouble = {
  /** As Kubernetes names it where it does. */
  readonly reason: string;
  readonly message: string;
  /** Won't pass by itself: Degraded at once. Otherwise only once the rollout's deadline is past. */
  readonly stuck: boolean;
};

/**
 * Which reason wins, first to last: what can never work, then what keeps failing, then what waits
 * for the cluster, then what may only need time. Reasons that aren't here (Kubernetes has and gets
 * others) come after the last stuck one, or last of all, by whether they are stuck.
 */
const order = [
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'ErrImagePull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'OOMKilled',
  'CrashLoopBackOff',
  'ContainerExited',
  'Unschedulable',
] as const;

/** Lower is told first. */
export function rankOf(trouble: Trouble): number {
  const known = (order as readonly string[]).indexOf(trouble.reason);
  const position = known >= 0 ? known : order.length;
  if (trouble.stuck) return position;
  // Running but not ready is what every start looks like for a while: told last.
  const last = trouble.reason === 'NotReady' ? 1 : 0;
  return order.length + 1 + position + last;
}
