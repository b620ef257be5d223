/** Finds and ends what a dead supervisor left behind. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endLeftovers } from '@windlass/testkit';
import { loneLockManager } from '../components/lock-managers.ts';
import type { StackFolder } from '../state/folder.ts';
import { readHold } from '../state/holds.ts';
import { appNames } from '../state/plan.ts';
import type { StackState } from '../state/state-file.ts';
import { endProcess } from './end.ts';
import { isAlive, type ProcessIdentity } from './identity.ts';
import { findMarked } from './marker.ts';

/**
 * An app ends within its own grace; a supervisor that lost its folder takes about as long to end
 * all that it looks after.
 */
const cleanUpGraceMs = 15_000;
/** The launchers' keepers end servers themselves once their owner is gone, within milliseconds. */
const keepersDeadlineMs = 15_000;
const keepersPollMs = 100;

export type Leftover = ProcessIdentity & {
  readonly name: string;
  /** A user looks after it, in a terminal: a hold names it. */
  readonly inTerminal: boolean;
};

/**
 * Live processes of the stack, but this one. Only to be asked while no supervisor runs: they are
 * its components otherwise.
 */
export function findLeftovers(folder: StackFolder, state: StackState | null): Leftover[] {
  const found = new Map<number, Leftover>();
  const add = (identity: ProcessIdentity | null, name: string, inTerminal = false) => {
    if (identity === null || identity.pid === process.pid || found.has(identity.pid)) return;
    if (isAlive(identity)) found.set(identity.pid, { ...identity, name, inTerminal });
  };
  for (const name of [...appNames, loneLockManager]) add(readHold(folder.holds, name), name, true);
  for (const component of state?.components ?? []) add(component.process, component.name);
  for (const identity of findMarked(folder.path)) add(identity, 'a process of the stack');
  return [...found.values()].sort((a, b) => a.pid - b.pid);
}

/**
 * Ends them, apps and servers alike, and what the servers' own pid files name.
 *
 * @returns those that could not be ended
 */
export async function endLeftoversOf(
  folder: StackFolder,
  leftovers: readonly Leftover[],
): Promise<Leftover[]> {
  const survivors: Leftover[] = [];
  await Promise.all(
    leftovers.map(async (each) => {
      if ((await endProcess(each, { graceMs: cleanUpGraceMs })) === 'survived')
        survivors.push(each);
    }),
  );
  if (existsSync(folder.data)) {
    for (const name of readdirSync(folder.data).sort()) await endServers(join(folder.data, name));
  }
  return survivors;
}

/** A keeper that is still at work on the folder is given time to end. */
async function endServers(dataDir: string): Promise<void> {
  const until = performance.now() + keepersDeadlineMs;
  for (;;) {
    try {
      await endLeftovers(dataDir);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(keepersPollMs);
    }
  }
}
