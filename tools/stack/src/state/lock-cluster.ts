/**
 * What the stack's lock managers are to one another: their names and gRPC ports, as they were when
 * their cluster came into being. Their data holds these addresses, so a later start needs the same
 * ones. Written before their first start; `make clean` removes it with the data.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../system-errors.ts';
import type { StackFolder } from './folder.ts';

/** Port by component: `lockmgr`, `lockmgr-2`, … */
export type LockCluster = Readonly<Record<string, number>>;

/** Null where none was ever started. */
export function readLockCluster(folder: StackFolder): LockCluster | null {
  const path = clusterFile(folder);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (isLockCluster(value)) return value;
  throw new Error(`${path} doesn't name ports; \`make clean\` removes it`);
}

export function writeLockCluster(folder: StackFolder, cluster: LockCluster): void {
  const next = `${clusterFile(folder)}.next`;
  writeFileSync(next, `${JSON.stringify(cluster)}\n`, { mode: 0o600 });
  renameSync(next, clusterFile(folder));
}

function clusterFile(folder: StackFolder): string {
  return join(folder.path, 'lock-cluster.json');
}

function isLockCluster(value: unknown): value is LockCluster {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((port) => Number.isInteger(port))
  );
}
