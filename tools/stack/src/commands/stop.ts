/** `make stop`: ends everything of the stack, however it came to be. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bad, formatDuration, good, say, warn } from '../print.ts';
import { endLeftoversOf, findLeftovers } from '../processes/clean-up.ts';
import { send } from '../processes/end.ts';
import { isAlive, type ProcessIdentity } from '../processes/identity.ts';
import type { StackFolder } from '../state/folder.ts';
import { liveHolder } from '../state/lock.ts';
import { ComponentState, readKnownState, type StackState } from '../state/state-file.ts';

/**
 * Apps end within their grace, then the servers one layer after the other, each with a deadline of
 * its own: together at most this. A supervisor that takes longer hangs and is killed.
 */
const supervisorDeadlineMs = 90_000;
const pollMs = 50;

/** Settles with the exit code: 0 when nothing of the stack runs any more. */
export async function stop(folder: StackFolder): Promise<number> {
  const startedMs = performance.now();
  const supervisor = liveHolder(folder.lockFile);
  if (supervisor !== null) await endSupervisor(supervisor, folder);
  const cleaned = await cleanUp(folder, 'everything');
  if (cleaned.survivors > 0) return 1;
  if (supervisor === null && cleaned.ended === 0) say(`stack ${folder.stack} is not running`);
  else good(`stack ${folder.stack} is stopped (${formatDuration(performance.now() - startedMs)})`);
  return 0;
}

/**
 * Ends what a dead supervisor left behind, and says so. An app in a terminal is none of that: its
 * servers come back when the stack is started again.
 */
export async function cleanUp(
  folder: StackFolder,
  what: 'everything' | 'but-terminals',
): Promise<{ readonly ended: number; readonly survivors: number }> {
  const found = findLeftovers(folder, readKnownState(folder.stateFile));
  const leftovers = found.filter(({ inTerminal }) => what === 'everything' || !inTerminal);
  for (const { pid, name, inTerminal } of leftovers) {
    warn(`ends process ${pid} (${name}), ${inTerminal ? 'in a terminal' : 'left behind'}`);
  }
  const survivors = await endLeftoversOf(folder, leftovers);
  for (const { pid, name } of survivors) bad(`process ${pid} (${name}) can't be ended`);
  return { ended: leftovers.length - survivors.length, survivors: survivors.length };
}

async function endSupervisor(supervisor: ProcessIdentity, folder: StackFolder): Promise<void> {
  const until = performance.now() + supervisorDeadlineMs;
  const shown = new Set<string>();
  send(supervisor, 'SIGTERM');
  send(supervisor, 'SIGCONT');
  while (isAlive(supervisor)) {
    showStopped(readKnownState(folder.stateFile), shown);
    if (performance.now() > until) {
      warn(`the supervisor did not end within ${supervisorDeadlineMs / 1_000} s; it is killed`);
      send(supervisor, 'SIGKILL');
    }
    await sleep(pollMs);
  }
  showStopped(readKnownState(folder.stateFile), shown);
}

function showStopped(state: StackState | null, shown: Set<string>): void {
  for (const { name, state: now } of state?.components ?? []) {
    if (now !== ComponentState.Stopped || shown.has(name)) continue;
    shown.add(name);
    say(`  ${name} stopped`);
  }
}
