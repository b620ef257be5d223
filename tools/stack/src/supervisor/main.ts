/**
 * The supervisor: one process per stack, in a session of its own, so that it outlives the terminal
 * that started it. `make run` starts it with the plan; SIGTERM stops everything; SIGHUP makes it
 * look at the holds again.
 *
 * Read next: supervise.ts, components/infrastructure.ts, components/apps.ts.
 */
import { appendFileSync } from 'node:fs';
import { required, systemClock, systemRandom } from '@windlass/base';
import { appComponents } from '../components/apps.ts';
import { infrastructure } from '../components/infrastructure.ts';
import { ownIdentity } from '../processes/identity.ts';
import { makeStackFolder, stackFolder } from '../state/folder.ts';
import { isInfrastructureOnly, readHold } from '../state/holds.ts';
import { releaseLock, takeLock } from '../state/lock.ts';
import { appOfComponent, type StackPlan } from '../state/plan.ts';
import { ComponentState, stateVersion, writeState } from '../state/state-file.ts';
import { errorCode, errorMessage } from '../system-errors.ts';
import type { Component } from './component.ts';
import { noteMark, trimLogs } from './log-files.ts';
import { restartPolicy } from './restart-policy.ts';
import { planVariable } from './start-arguments.ts';
import { type Hold, supervise } from './supervise.ts';

/** Exit code where another supervisor has the stack. */
export const exitAnother = 3;

/** Short enough that `make status` is fresh, long enough to cost nothing. */
const sweepProbeIntervalMs = 2_000;
/** A foreground app that vanished without a word is replaced after at most this long. */
const holdsIntervalMs = 1_000;
/** Each layer of components ends within 20 s, or is killed; there are four. */
const stopDeadlineMs = 80_000;
/** A log grows by at most what is written in this time beyond its bound. */
const logsIntervalMs = 30_000;

const folder = stackFolder(process.env['STACK'] ?? 'default');
const plan: StackPlan = JSON.parse(required(process.env[planVariable], planVariable));
// Not for the apps.
delete process.env[planVariable];
makeStackFolder(folder);

const own = ownIdentity();
const other = takeLock(folder.lockFile, own);
if (other !== null) {
  say(`supervisor ${other.pid} looks after this stack already`);
  process.exit(exitAnother);
}

const startedAtMs = systemClock.nowMs();
const servers = infrastructure(folder, plan);
const components: readonly Component[] = [
  ...servers.components,
  ...appComponents({
    folder,
    plan,
    connections: servers.connections,
    servers: servers.needed,
  }),
];

say(`supervisor ${own.pid} begins`);
const supervision = supervise({
  components,
  policy: restartPolicy,
  probeIntervalMs: sweepProbeIntervalMs,
  clock: systemClock,
  random: systemRandom,
  holdOf,
  onChange: (statuses) =>
    write(() =>
      writeState(folder.stateFile, {
        version: stateVersion,
        supervisor: own,
        startedAtMs,
        plan,
        connections: servers.connections(),
        components: statuses,
      }),
    ),
  note: (component, line) => {
    say(`${component.name}: ${line}`);
    const text = `${stamp()} ${noteMark} ${component.name}: ${line}\n`;
    write(() => appendFileSync(component.logFile, text));
  },
});

const timers = [
  setInterval(supervision.wake, holdsIntervalMs),
  setInterval(() => write(() => trimLogs(folder.logs)), logsIntervalMs),
];
process.on('SIGHUP', supervision.wake);
process.on('SIGTERM', () => void end('SIGTERM', 0));
process.on('SIGINT', () => void end('SIGINT', 0));
process.on('uncaughtException', (error) => {
  say(`a bug in the supervisor: ${error.stack ?? String(error)}`);
  void end('a bug', 1);
});

let ending = false;
async function end(why: string, exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  say(`stops everything: ${why}`);
  for (const timer of timers) clearInterval(timer);
  // What is left after the deadline ends with this process: servers by their keeper, and the
  // command that waits for this end looks for apps.
  setTimeout(() => leave('the deadline of the stop', 1), stopDeadlineMs);
  try {
    await supervision.stop();
    await servers.close();
    leave(why, exitCode);
  } catch (error) {
    leave(`a failure to stop: ${errorMessage(error)}`, 1);
  }
}

function leave(why: string, exitCode: number): never {
  say(`supervisor ${own.pid} ends: ${why}`);
  releaseLock(folder.lockFile, own);
  process.exit(exitCode);
}

function holdOf(name: string): Hold | null {
  if (appOfComponent(name) === null) return null;
  const holder = readHold(folder.holds, name);
  if (holder !== null) {
    return { state: ComponentState.Foreground, reason: `runs in a terminal, pid ${holder.pid}` };
  }
  return isInfrastructureOnly(folder.holds)
    ? { state: ComponentState.Off, reason: '`make run` starts it' }
    : null;
}

/** Somebody may have removed the folder of the running stack: that is no reason to leave it. */
function write(attempt: () => void): void {
  try {
    attempt();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    makeStackFolder(folder);
    attempt();
  }
}

/** Standard output is the supervisor's log. */
function say(line: string): void {
  process.stdout.write(`${stamp()} ${line}\n`);
}

function stamp(): string {
  return new Date().toISOString();
}
