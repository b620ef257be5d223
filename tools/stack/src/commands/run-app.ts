/**
 * `make run-api`, `run-worker`, `run-watcher`: one app in this terminal, against the stack's
 * servers, in place of the supervised one. When it ends, that comes back, if it was there. Of several
 * workers it takes the place of the first.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { appMainFile } from '../components/apps.ts';
import { appEnvironment } from '../components/environment.ts';
import { say } from '../print.ts';
import { identify, ownIdentity } from '../processes/identity.ts';
import type { StackSettings } from '../settings.ts';
import { makeStackFolder, repositoryDir, type StackFolder } from '../state/folder.ts';
import { readHold, removeHold, writeHold } from '../state/holds.ts';
import { type AppName, appNames, appOfComponent } from '../state/plan.ts';
import { runningState } from '../state/stack.ts';
import { ComponentState, type StackState } from '../state/state-file.ts';
import { CommandFailure } from './failure.ts';
import { bringUp } from './run.ts';
import { waitUntilReady } from './wait-ready.ts';
import { wakeSupervisor } from './wake.ts';

/** The supervised copy ends within its own grace, or is killed. */
const handoverDeadlineMs = 20_000;
const pollMs = 50;

/** Settles with the app's exit code. */
export async function runApp(
  folder: StackFolder,
  settings: StackSettings,
  app: AppName,
): Promise<number> {
  makeStackFolder(folder);
  const holder = readHold(folder.holds, app);
  if (holder !== null) {
    throw new CommandFailure(`${app} runs in a terminal already, pid ${holder.pid}`);
  }
  writeHold(folder.holds, app, ownIdentity());
  try {
    await bringUp(folder, settings, 'infrastructure');
    wakeSupervisor(folder);
    const state = await waitUntilReady(
      folder,
      settings.readyDeadlineMs,
      (name) => appOfComponent(name) === null,
    );
    await untilHandedOver(folder, app);
    return await runInForeground(folder, state, app);
  } finally {
    removeHold(folder.holds, app);
    wakeSupervisor(folder);
  }
}

async function untilHandedOver(folder: StackFolder, app: AppName): Promise<void> {
  const until = performance.now() + handoverDeadlineMs;
  for (;;) {
    const status = runningState(folder)?.components.find(({ name }) => name === app);
    if (status?.state === ComponentState.Foreground) return;
    if (performance.now() > until) {
      throw new CommandFailure(
        `the supervised ${app} did not end (${status?.state ?? 'no state'})`,
      );
    }
    await sleep(pollMs);
  }
}

async function runInForeground(
  folder: StackFolder,
  state: StackState,
  app: AppName,
): Promise<number> {
  const port = state.plan.ports[app];
  say(`${app} on 127.0.0.1:${port}; Ctrl-C ends it, and the rest of the stack goes on`);
  const base = { ...process.env };
  // In a terminal the app itself knows how its log is read best.
  const environment = appEnvironment({
    base,
    connections: state.connections,
    folder: folder.path,
    port,
  });
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
  if (identity !== null) writeHold(folder.holds, app, identity);
  // The terminal sends Ctrl-C to both; a signal to this command alone is handed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return exited;
}

/** The app named by a command such as run-worker; null for another command. */
export function appOfCommand(command: string): AppName | null {
  return appNames.find((name) => command === `run-${name}`) ?? null;
}
