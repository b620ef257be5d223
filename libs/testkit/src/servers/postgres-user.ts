/**
 * As which user PostgreSQL runs: it refuses to run as root.
 *
 * Root's servers run as `postgres` where that user exists, and as `nobody` otherwise; no user is
 * added to the machine. A folder that this user can't reach, such as one below /root, is opened to
 * it by a capability of the process instead of by changing the folders above it.
 */
import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export type PostgresUser = {
  readonly uid: number;
  readonly gid: number;
  /** Words before the command, when it needs the capability. */
  readonly prefix: readonly string[];
};

/** Null: run as the present user. */
export function postgresUser(folders: readonly string[]): PostgresUser | null {
  if (process.getuid?.() !== 0) return null;
  const user = findUser('postgres') ?? findUser('nobody');
  if (user === null) throw new Error('PostgreSQL must not run as root, and there is no nobody');
  if (folders.every((folder) => isReachable(folder, user))) return { ...user, prefix: [] };
  return { ...user, prefix: capabilityPrefix(user) };
}

/** Gives a file or folder to the user, where it isn't the present one. */
export function giveTo(user: PostgresUser | null, path: string): void {
  if (user !== null) chownSync(path, user.uid, user.gid);
}

type UserIds = { readonly uid: number; readonly gid: number };

function findUser(name: string): UserIds | null {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

/** True when every folder on the way may be entered by the user. */
function isReachable(path: string, user: UserIds): boolean {
  const { mode, uid, gid } = statSync(path);
  let enter = 0o001;
  if (uid === user.uid) enter = 0o100;
  else if (gid === user.gid) enter = 0o010;
  if ((mode & enter) === 0) return false;
  const parent = dirname(path);
  return parent === path || isReachable(parent, user);
}

/** setpriv(1) of util-linux: the user's ids, and the right to pass by the folders' modes. */
function capabilityPrefix(user: UserIds): string[] {
  if (process.platform !== 'linux') {
    throw new Error('PostgreSQL must not run as root: start this as another user');
  }
  return [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    // PostgreSQL's programs ask with access(2), which would leave the capability out of account.
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
}
