/**
 * `make run-lockmgr` where the stack's lock managers don't run: a cluster of one in this terminal,
 * with data of its own. It needs no server. A stack that is started meanwhile leaves it alone.
 */
import { loneEnvironment, loneLockManager } from '../components/lock-managers.ts';
import { describePortProblem } from '../planning.ts';
import { choosePorts, type PortWish } from '../ports/choose.ts';
import { anyFreePort, isPortFree } from '../ports/probe.ts';
import { say } from '../print.ts';
import { ownIdentity } from '../processes/identity.ts';
import { preferredPorts, type StackSettings } from '../settings.ts';
import { makeStackFolder, type StackFolder } from '../state/folder.ts';
import { readHold, removeHold, writeHold } from '../state/holds.ts';
import { CommandFailure } from './failure.ts';
import { runInForeground } from './foreground.ts';

const noServers = { databaseUrl: null, natsUrl: null, kubeconfig: null };

/** Settles with its exit code. */
export async function runLoneLockManager(
  folder: StackFolder,
  settings: StackSettings,
): Promise<number> {
  makeStackFolder(folder);
  const holder = readHold(folder.holds, loneLockManager);
  if (holder !== null) {
    throw new CommandFailure(`a lock manager runs in a terminal already, pid ${holder.pid}`);
  }
  writeHold(folder.holds, loneLockManager, ownIdentity());
  try {
    const { grpc, http } = await ports(settings);
    say(`lockmgr, a cluster of one, on 127.0.0.1:${grpc}; Ctrl-C ends it`);
    const special = loneEnvironment(folder, grpc);
    const environment = { connections: noServers, port: http, special };
    return await runInForeground({ folder, app: 'lockmgr', place: loneLockManager, environment });
  } finally {
    removeHold(folder.holds, loneLockManager);
  }
}

async function ports(settings: StackSettings): Promise<{ grpc: number; http: number }> {
  const wishes = [
    wish('lockmgr', settings.lockmgrPort, 'LOCKMGR_PORT'),
    wish('lockmgr-http', settings.lockmgrHttpPort, 'LOCKMGR_HTTP_PORT'),
  ];
  const chosen = await choosePorts(wishes, {}, isPortFree, anyFreePort);
  if (!chosen.ok) throw new CommandFailure(chosen.error.map(describePortProblem).join('\n'));
  const portOf = (name: string) => chosen.value[name]?.port ?? 0;
  return { grpc: portOf('lockmgr'), http: portOf('lockmgr-http') };
}

function wish(name: 'lockmgr' | 'lockmgr-http', set: number | null, variable: string): PortWish {
  return { name, preferred: set ?? preferredPorts[name], explicit: set !== null, variable };
}
