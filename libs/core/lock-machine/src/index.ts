/** The deterministic state machine of the lock manager. Start at lock-machine.ts. */
export { defaultLimits, holdCountMax, shownPerLockMax } from './limits.ts';
export { LockMachine, type MachineRestore } from './lock-machine.ts';
export type { RestoreError } from './restore.ts';
export type { LockScan } from './scan.ts';
export * from './types.ts';
export { type Features, firstVersion, type VersionTable, versionTable } from './versions.ts';
