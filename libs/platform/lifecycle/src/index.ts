/** Start, stop, health, and waits that end. Read next: boot-app.ts, run-app.ts, batcher.ts. */
export { type Batcher, type BatcherOptions, createBatcher } from './batcher.ts';
export { type AppContext, type BootSettings, bootApp } from './boot-app.ts';
export { pause, withDeadline } from './deadline.ts';
export {
  type ComponentHealth,
  createHealth,
  type Health,
  type HealthCheck,
  type HealthReport,
} from './health.ts';
export { type RunAppOptions, runApp } from './run-app.ts';
export type { Scope, StopHook } from './scope.ts';
export { type SuperviseOptions, superviseLoop } from './supervise.ts';
