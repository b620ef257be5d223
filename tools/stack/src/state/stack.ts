/** A stack as the commands see it: its folder, its state and whether its supervisor lives. */
import type { ProcessIdentity } from '../processes/identity.ts';
import type { StackFolder } from './folder.ts';
import { liveHolder } from './lock.ts';
import { readState, type StackState } from './state-file.ts';

/** The live supervisor's state; null where none runs, or it has written nothing yet. */
export function runningState(folder: StackFolder): StackState | null {
  const supervisor = liveHolder(folder.lockFile);
  if (supervisor === null) return null;
  const state = readState(folder.stateFile);
  return state !== null && isOf(state, supervisor) ? state : null;
}

function isOf(state: StackState, supervisor: ProcessIdentity): boolean {
  const { pid, startTime } = state.supervisor;
  return pid === supervisor.pid && startTime === supervisor.startTime;
}
