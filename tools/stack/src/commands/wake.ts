/** Makes the supervisor look at the holds now. */
import { send } from '../processes/end.ts';
import type { StackFolder } from '../state/folder.ts';
import { liveHolder } from '../state/lock.ts';

export function wakeSupervisor(folder: StackFolder): void {
  const supervisor = liveHolder(folder.lockFile);
  if (supervisor !== null) send(supervisor, 'SIGHUP');
}
