/** `make status`: each component, and exit code 0 only when all of them do their work. */
import { say } from '../print.ts';
import { isAlive } from '../processes/identity.ts';
import type { StackFolder } from '../state/folder.ts';
import { readState } from '../state/state-file.ts';
import { statusView } from '../state/view.ts';

export function status(folder: StackFolder): number {
  const state = readState(folder.stateFile);
  if (state === null) {
    say(`stack ${folder.stack} was never started; \`make run\` starts it`);
    return 1;
  }
  const view = statusView(state, Date.now(), isAlive);
  for (const line of view.lines) say(line);
  return view.allWell ? 0 : 1;
}
