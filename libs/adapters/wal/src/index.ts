/** The write-ahead log and the snapshots of a lock manager's node, on a file system. */
export { type WalDamage, WalDamagedError, WalDamageKind, WalFailedError } from './damage.ts';
export { systemFiles, type WalFile, type WalFiles } from './files.ts';
export { segmentBytesDefault, segmentBytesMax } from './limits.ts';
export { openWal } from './open-wal.ts';
export type {
  Identity,
  InstallBatch,
  OpenedWal,
  SavedSnapshot,
  Wal,
  WalBatch,
  WalObserver,
  WalOptions,
  WalStart,
  WalStats,
} from './types.ts';
