/**
 * `make run-api`, `run-worker`, `run-watcher`, `run-lockmgr`: one app in this terminal, against the stack's
 * servers, in place of the supervised one. When it ends, that comes back, if it was there. Of several
 * copies it takes the place of the first.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { specialEnvironment } from '../components/apps.ts';
import { say } from '../print.ts';
import { ownIdentity } from '../processes/identity.ts';
import type { StackSettings } from '../settings.ts';
import { makeStackFolder, type StackFolder } from '../state/folder.ts';
import { readHold, removeHold, writeHold } from '../state/holds.ts';
import { type AppName, appNames, appOfComponent, httpPortName } from '../state/plan.ts';
import { runningState } from '../state/stack.ts';
import { ComponentState, type StackState } from '../state/state-file.ts';
import { CommandFailure } from './failure.ts';
import { runInForeground } from './foreground.ts';
import { bringUp } from './run.ts';
import { runLoneLockManager } from './run-lone-lock-manager.ts';
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
  if (app === 'lockmgr' && !hasLockManagers(folder)) return runLoneLockManager(folder, settings);
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
    const environment = foregroundEnvironment(folder, state, app);
    return await runInForeground({ folder, app, place: app, environment });
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

/** What the supervised copy is started with, too. */
function foregroundEnvironment(folder: StackFolder, state: StackState, app: AppName) {
  const { connections, plan } = state;
  say(`${app} on 127.0.0.1:${plan.ports[app]}; Ctrl-C ends it, and the rest of the stack goes on`);
  const port = plan.ports[httpPortName(app)] ?? null;
  return { connections, port, special: specialEnvironment(folder, plan, app) };
}

/** The supervisor has lock managers at work, of which one can be replaced. */
function hasLockManagers(folder: StackFolder): boolean {
  const state = runningState(folder)?.components.find(({ name }) => name === 'lockmgr')?.state;
  return state !== undefined && state !== ComponentState.Off && state !== ComponentState.External;
}

/** The app named by a command such as run-worker; null for another command. */
export function appOfCommand(command: string): AppName | null {
  return appNames.find((name) => command === `run-${name}`) ?? null;
}
