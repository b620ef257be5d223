/** An app in this terminal: it gets Ctrl-C itself, and its hold, so that it keeps its place. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { appMainFile } from '../components/apps.ts';
import { appEnvironment, type EnvironmentInput } from '../components/environment.ts';
import { identify } from '../processes/identity.ts';
import { repositoryDir, type StackFolder } from '../state/folder.ts';
import { writeHold } from '../state/holds.ts';
import type { AppName } from '../state/plan.ts';

export type ForegroundOptions = {
  readonly folder: StackFolder;
  readonly app: AppName;
  /** The name of its hold. */
  readonly place: string;
  readonly environment: Omit<EnvironmentInput, 'base' | 'folder'>;
};

/** Settles with the app's exit code. */
export async function runInForeground(options: ForegroundOptions): Promise<number> {
  const { folder, app, place } = options;
  const base = { ...process.env };
  const environment = appEnvironment({ base, folder: folder.path, ...options.environment });
  // In a terminal the app itself knows how its log is read best.
  if (base['LOG_FORMAT'] === undefined) delete environment['LOG_FORMAT'];
  const child = spawn(process.execPath, [appMainFile(app)], {
    cwd: repositoryDir,
    env: environment,
    stdio: 'inherit',
  });
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  await once(child, 'spawn');
  // From here on the app itself holds its place, even if this command is killed.
  const identity = identify(child.pid ?? 0);
  if (identity !== null) writeHold(folder.holds, place, identity);
  // The terminal sends Ctrl-C to both; a signal to this command alone is handed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return exited;
}
