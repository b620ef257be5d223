/** How a rollout stands, in Argo CD's terms. */
export const Health = {
  /** Every replica runs the newest template and is ready. */
  Healthy: 'Healthy',
  /** On its way, with no sign of trouble that time won't heal. */
  Progressing: 'Progressing',
  /** Stuck: past its deadline, crashing, or impossible to schedule. */
  Degraded: 'Degraded',
  /** Held by the user (paused). */
  Suspended: 'Suspended',
  /** Asked for, but not in the cluster. */
  Missing: 'Missing',
} as const;
export type Health = (typeof Health)[keyof typeof Health];

export type RolloutHealth = {
  readonly health: Health;
  /** Machine-readable, UpperCamelCase, such as CrashLoopBackOff or ProgressDeadlineExceeded. */
  readonly reason: string;
  /** For people, at most 1,024 characters. */
  readonly message: string;
};
