/** Where a stack keeps what it has: everything under .windlass/<stack name>/ of the checkout. */
import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's top folder. */
export const repositoryDir = realpathSync(
  join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..'),
);

export type StackFolder = {
  readonly stack: string;
  /** Absolute, links resolved: it identifies the stack's processes too (processes/marker.ts). */
  readonly path: string;
  /** What is running; written by the supervisor alone (state/state-file.ts). */
  readonly stateFile: string;
  /** Held by the one supervisor of the stack (state/lock.ts). */
  readonly lockFile: string;
  /** Which apps the supervisor leaves alone (state/holds.ts). */
  readonly holds: string;
  /** One file per component. */
  readonly logs: string;
  /** One folder per server. */
  readonly data: string;
};

/** Names a stack may have: they become part of paths. */
export const stackName = /^[a-z0-9][a-z0-9-]{0,30}$/;

export function stackFolder(stack: string, repository: string = repositoryDir): StackFolder {
  if (!stackName.test(stack)) {
    throw new RangeError(
      `STACK=${stack} is no name: up to 31 of a-z, 0-9 and -, beginning with a letter or digit`,
    );
  }
  const path = join(repository, '.windlass', stack);
  return {
    stack,
    path,
    stateFile: join(path, 'state.json'),
    lockFile: join(path, 'supervisor.lock'),
    holds: join(path, 'holds'),
    logs: join(path, 'logs'),
    data: join(path, 'data'),
  };
}

/** Makes the folders. They hold credentials of the local servers: nobody else may look in. */
export function makeStackFolder(folder: StackFolder): void {
  // The servers' folders must be reachable for another user: PostgreSQL refuses to run as root.
  mkdirSync(folder.path, { recursive: true, mode: 0o711 });
  mkdirSync(folder.data, { recursive: true, mode: 0o711 });
  for (const path of [folder.holds, folder.logs]) mkdirSync(path, { recursive: true, mode: 0o700 });
}

export function logFileOf(folder: StackFolder, component: string): string {
  return join(folder.logs, `${component}.log`);
}
