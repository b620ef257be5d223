/** Waits for the components of a starting stack, with a line for each. */
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kubernetesComponents } from '@windlass/testkit';
import { tailOfFile } from '../logs/tail.ts';
import { formatDuration, good, warn } from '../print.ts';
import { logFileOf, repositoryDir, type StackFolder } from '../state/folder.ts';
import { liveHolder } from '../state/lock.ts';
import { runningState } from '../state/stack.ts';
import { ComponentState, type ComponentStatus, type StackState } from '../state/state-file.ts';
import { isWell } from '../state/view.ts';
import { supervisorName } from '../supervisor/log-files.ts';
import { CommandFailure } from './failure.ts';

const pollMs = 50;
/** The supervisor writes its first state within this, or never. */
const supervisorDeadlineMs = 15_000;
/** Starts of one component that failed in a row, until the user is told. It is tried further. */
const startFailuresMax = 3;
/** Of a failing component's log, what is shown. */
const tailLinesMax = 25;

/**
 * Waits until every component named is ready (all of them where none is named).
 *
 * @throws CommandFailure with the end of the log of a component that doesn't start
 */
export async function waitUntilReady(
  folder: StackFolder,
  deadlineMs: number,
  only: (name: string) => boolean = () => true,
): Promise<StackState> {
  const startedMs = performance.now();
  const shown = new Set<string>();
  const failures = new Map<string, number>();
  for (;;) {
    const state = runningState(folder);
    const elapsedMs = performance.now() - startedMs;
    if (state === null) checkSupervisor(folder, elapsedMs);
    const components = state?.components.filter(({ name }) => only(name)) ?? [];
    showReady(components, shown);
    showFailures(components, failures);
    if (state !== null && components.every(isSettled)) return state;
    const stuck = components.find(({ startFailures }) => startFailures >= startFailuresMax);
    if (stuck !== undefined) throw notStarting(folder, stuck, 'does not start');
    if (elapsedMs > deadlineMs) {
      const late = components.find((each) => !isSettled(each) && each.state !== 'waiting');
      const why = `is not ready after ${formatDuration(deadlineMs)} (serverReadyDeadlineMs)`;
      if (late !== undefined) throw notStarting(folder, late, why);
      throw new CommandFailure(`the stack ${why}`);
    }
    await sleep(pollMs);
  }
}

function isSettled(status: ComponentStatus): boolean {
  return isWell(status) || status.state === ComponentState.Off;
}

function checkSupervisor(folder: StackFolder, elapsedMs: number): void {
  if (liveHolder(folder.lockFile) !== null || elapsedMs < supervisorDeadlineMs) return;
  const logFile = logFileOf(folder, supervisorName);
  throw new CommandFailure(withTail('the supervisor does not start', logFile));
}

/** The five processes of the control plane start together: one line for them. */
function showReady(components: readonly ComponentStatus[], shown: Set<string>): void {
  const cluster = new Set<string>(kubernetesComponents);
  const parts = components.filter(({ name }) => cluster.has(name));
  const groups = components
    .filter(({ name }) => !cluster.has(name))
    .map((each) => ({ name: each.name, members: [each] }));
  if (parts.length > 0) groups.push({ name: 'kubernetes', members: parts });
  for (const { name, members } of groups) {
    if (shown.has(name) || !members.every(isWell)) continue;
    shown.add(name);
    good(readyLine(name, members));
  }
}

function readyLine(name: string, members: readonly ComponentStatus[]): string {
  const tookMs = members.reduce((sum, each) => sum + (each.tookMs ?? 0), 0);
  const port = members.find((each) => each.port !== null)?.port;
  const label = name.padEnd(11);
  const [first] = members;
  if (first?.state === ComponentState.External) return `${label} yours`;
  if (first?.state === ComponentState.Foreground) return `${label} ${first.reason}`;
  const at = port === undefined || port === null ? '' : `  127.0.0.1:${port}`;
  return `${label} ${formatDuration(tookMs).padStart(7)}${at}`.trimEnd();
}

function showFailures(components: readonly ComponentStatus[], failures: Map<string, number>): void {
  for (const { name, startFailures, reason } of components) {
    if (startFailures <= (failures.get(name) ?? 0)) continue;
    failures.set(name, startFailures);
    warn(`${name}: ${reason}; it is started again`);
  }
}

function notStarting(folder: StackFolder, status: ComponentStatus, why: string): CommandFailure {
  const { name, reason, logFile } = status;
  const stack = folder.stack === 'default' ? '' : ` STACK=${folder.stack}`;
  const hint = [
    '',
    `The stack is left running, and ${name} is tried further:`,
    `  \`make logs APP=${name}${stack}\` shows all of its log,`,
    `  \`make status${stack}\` how it goes,`,
    `  \`make stop${stack}\` ends everything.`,
  ];
  const what = reason === null ? `${name} ${why}` : `${name} ${why}: ${reason}`;
  return new CommandFailure([withTail(what, logFile), ...hint].join('\n'));
}

function withTail(message: string, logFile: string): string {
  const lines = tailOfFile(logFile, tailLinesMax).map((line) => `  | ${line}`);
  const shownPath = relative(repositoryDir, logFile);
  return [message, `the end of ${shownPath}:`, ...lines].join('\n');
}
