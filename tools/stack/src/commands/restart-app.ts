/** `make restart APP=worker`: ends one supervised app and sees the next one ready. */
import { setTimeout as sleep } from 'node:timers/promises';
import { good } from '../print.ts';
import { send } from '../processes/end.ts';
import type { StackSettings } from '../settings.ts';
import type { StackFolder } from '../state/folder.ts';
import { appComponentNames, appNames, appOfComponent } from '../state/plan.ts';
import { runningState } from '../state/stack.ts';
import { CommandFailure } from './failure.ts';
import { waitUntilReady } from './wait-ready.ts';

/** From the signal until the supervisor has seen the end: the app's grace, and some. */
const endDeadlineMs = 20_000;
const pollMs = 50;

export async function restartApp(
  folder: StackFolder,
  settings: StackSettings,
  app: string,
): Promise<number> {
  const state = runningState(folder);
  const known = state === null ? appNames : appComponentNames(state.plan);
  if (appOfComponent(app) === null || !known.some((each) => each === app)) {
    throw new CommandFailure(`APP=${app} is no app; the apps are ${known.join(', ')}`);
  }
  const before = processOf(folder, app);
  if (before === null) throw new CommandFailure(`${app} does not run; see \`make status\``);
  send(before, 'SIGTERM');
  const until = performance.now() + endDeadlineMs;
  while (processOf(folder, app)?.startTime === before.startTime) {
    if (performance.now() > until) throw new CommandFailure(`${app} does not end`);
    await sleep(pollMs);
  }
  await waitUntilReady(folder, settings.readyDeadlineMs, (name) => name === app);
  good(`${app} is restarted`);
  return 0;
}

function processOf(folder: StackFolder, app: string) {
  const components = runningState(folder)?.components ?? [];
  return components.find(({ name }) => name === app)?.process ?? null;
}
