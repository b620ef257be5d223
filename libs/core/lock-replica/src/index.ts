/** One node of the lock manager, without disk, network and clock. Begin with lock-replica.ts. */
export { LockReplica } from './lock-replica.ts';
export { caughtUpEntriesMax, planMembership } from './membership-plan.ts';
export * from './types.ts';
