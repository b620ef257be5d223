/** How a rollout stands, and why. Pure. Start at rollout-health.ts. */
export type {
  DeploymentObject,
  EventObject,
  PodObject,
  ReplicaSetObject,
  RolloutInput,
} from './objects.ts';
export { needsPods, rolloutHealth } from './rollout-health.ts';
export * from './types.ts';
