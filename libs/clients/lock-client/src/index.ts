/** The client of the lock manager: locks, semaphores and elections with fencing tokens. */
export { createLockClient, type Lock, type LockClient, type Semaphore } from './client.ts';
export {
  createFencingGuard,
  type FencedGrant,
  type FencingGuard,
  type FencingVerdict,
} from './fencing-guard.ts';
export type { Released } from './held-lock.ts';
export type { ElectOptions, Leadership } from './leadership.ts';
export { LockError, type LockErrorCode } from './lock-error.ts';
export type { AcquireOptions, LockClientOptions, PermitOptions, WaitOptions } from './options.ts';
export type {
  ForceReleaseOptions,
  ListOptions,
  LockPage,
  LockReading,
  ObservedLeader,
  Validity,
  WatchItem,
  WatchOptions,
} from './reads.ts';
export type { TlsOptions } from './transport.ts';
export type { HolderView, LockEvent, LockModeName, LockView, WaiterView } from './views.ts';
