/**
 * Which apps the supervisor leaves alone. A hold is a file that names a process: while that
 * process lives the app is its business (`make run-api`), and when it's gone, however it went,
 * the supervisor takes over again. The mark `infrastructure-only` holds all apps back.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity, parseIdentity } from '../processes/identity.ts';
import { errorCode } from '../system-errors.ts';

const infrastructureOnly = 'infrastructure-only';

/** Says that this process looks after the app. Replaces an earlier hold. */
export function writeHold(holds: string, app: string, holder: ProcessIdentity): void {
  const next = holdFile(holds, `${app}.${holder.pid}`);
  writeFileSync(next, JSON.stringify(holder), { mode: 0o600 });
  renameSync(next, holdFile(holds, app));
}

export function removeHold(holds: string, app: string): void {
  rmSync(holdFile(holds, app), { force: true });
}

/** The live process that looks after the app; null where the supervisor does. */
export function readHold(holds: string, app: string): ProcessIdentity | null {
  try {
    const holder = parseIdentity(readFileSync(holdFile(holds, app), 'utf8'));
    return isAlive(holder) ? holder : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Keeps the supervisor from starting apps, or lets it again. */
export function setInfrastructureOnly(holds: string, only: boolean): void {
  const mark = join(holds, infrastructureOnly);
  if (only) writeFileSync(mark, '');
  else rmSync(mark, { force: true });
}

export function isInfrastructureOnly(holds: string): boolean {
  return existsSync(join(holds, infrastructureOnly));
}

function holdFile(holds: string, name: string): string {
  return join(holds, `${name}.json`);
}
