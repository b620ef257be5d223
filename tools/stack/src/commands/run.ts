/** `make run`: brings the stack up, waits until it's ready, shows that it works, says where it is. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { locateServers, ServersMissingError } from '@windlass/testkit';
import { lockManagerNames } from '../components/lock-managers.ts';
import { describeCluster } from '../kubectl.ts';
import { describePortProblem, lockClusterProblem, makePlan } from '../planning.ts';
import { formatDuration, good, say, warn } from '../print.ts';
import { stackMarker } from '../processes/marker.ts';
import type { StackSettings } from '../settings.ts';
import { logFileOf, makeStackFolder, repositoryDir, type StackFolder } from '../state/folder.ts';
import { setInfrastructureOnly } from '../state/holds.ts';
import { liveHolder } from '../state/lock.ts';
import { readLockCluster, writeLockCluster } from '../state/lock-cluster.ts';
import { appComponentNames, appOfComponent, type StackPlan } from '../state/plan.ts';
import { runningState } from '../state/stack.ts';
import { readKnownState, type StackState } from '../state/state-file.ts';
import { supervisorName } from '../supervisor/log-files.ts';
import { planVariable } from '../supervisor/start-arguments.ts';
import { runTour } from '../tour/tour.ts';
import { addressLines } from './addresses.ts';
import { CommandFailure } from './failure.ts';
import { cleanUp } from './stop.ts';
import { waitUntilReady } from './wait-ready.ts';
import { wakeSupervisor } from './wake.ts';

/** What a shell expects of a command that Ctrl-C ended. */
const exitInterrupted = 130;

/** Settles with the exit code. */
export async function run(folder: StackFolder, settings: StackSettings): Promise<number> {
  const startedMs = performance.now();
  const runsAlready = liveHolder(folder.lockFile) !== null;
  await bringUp(folder, settings, 'everything');
  process.once('SIGINT', () => {
    say('\nthe stack goes on in the background: `make status` shows it, `make stop` ends it');
    process.exit(exitInterrupted);
  });
  const state = await waitUntilReady(folder, settings.readyDeadlineMs);
  const readyAfter = formatDuration(performance.now() - startedMs);
  if (runsAlready) say('everything is ready');
  else good(`everything is ready after ${readyAfter}`);
  if (settings.tour && !runsAlready) await runTour(state, settings);
  say();
  for (const line of addressLines(folder, state)) say(line);
  return 0;
}

/** Starts the supervisor, unless it runs, and lets it start the apps or only the servers. */
export async function bringUp(
  folder: StackFolder,
  settings: StackSettings,
  what: 'everything' | 'infrastructure',
): Promise<void> {
  const supervisor = liveHolder(folder.lockFile);
  if (supervisor !== null) {
    if (what === 'everything') {
      say(`stack ${folder.stack} runs already (supervisor ${supervisor.pid})`);
      warnOfOtherCopies(folder, settings);
      setInfrastructureOnly(folder.holds, false);
      wakeSupervisor(folder);
    }
    return;
  }
  makeStackFolder(folder);
  const last = readKnownState(folder.stateFile);
  const { survivors } = await cleanUp(folder, 'but-terminals');
  if (survivors > 0) throw new CommandFailure('an earlier start left processes that do not end');
  await ensureServers(settings);
  const plan = await planStart(folder, settings, last);
  announce(plan);
  setInfrastructureOnly(folder.holds, what === 'infrastructure');
  startSupervisor(folder, plan);
}

/** How many copies run is decided when the stack starts. */
function warnOfOtherCopies(folder: StackFolder, settings: StackSettings): void {
  const state = runningState(folder);
  if (state === null) return;
  const running = appComponentNames(state.plan).map(appOfComponent);
  const wantedOf = {
    worker: settings.workers,
    watcher: settings.watchers,
    lockmgr: settings.lockmgrs === null ? null : Number(settings.lockmgrs),
  };
  for (const app of ['worker', 'watcher', 'lockmgr'] as const) {
    const count = running.filter((each) => each === app).length;
    const wanted = wantedOf[app];
    if (wanted === null || count === wanted) continue;
    warn(`${app}s: ${count} run, not ${wanted}; \`make restart\` starts as many as are set`);
  }
}

/** Builds the pinned servers where they are missing: minutes once, nothing later. */
async function ensureServers(settings: StackSettings): Promise<void> {
  const needed = settings.natsUrl === null || settings.kubeconfig === null || settings.tour;
  if (!needed) return;
  try {
    locateServers();
    return;
  } catch (error) {
    if (!(error instanceof ServersMissingError)) throw error;
  }
  const build = spawn(process.execPath, [join('tools', 'infra', 'src', 'main.ts')], {
    cwd: repositoryDir,
    stdio: 'inherit',
  });
  const exitCode = await new Promise((resolve, reject) => {
    build.once('error', reject);
    build.once('exit', resolve);
  });
  if (exitCode !== 0) throw new CommandFailure('the pinned servers could not be built');
}

async function planStart(
  folder: StackFolder,
  settings: StackSettings,
  last: StackState | null,
): Promise<StackPlan> {
  const lockCluster = readLockCluster(folder);
  const problem = lockClusterProblem(settings, lockCluster);
  if (problem !== null) throw new CommandFailure(problem);
  const { kubeconfig, kubeContext } = settings;
  const cluster = kubeconfig === null ? null : await describeCluster(kubeconfig, kubeContext);
  const plan = await makePlan(settings, last?.plan.ports ?? {}, cluster, lockCluster);
  if (!plan.ok) throw new CommandFailure(plan.error.map(describePortProblem).join('\n'));
  const names = lockManagerNames(plan.value);
  if (lockCluster === null && names.length > 0) {
    const ports = names.map((name) => [name, plan.value.ports[name] ?? 0] as const);
    writeLockCluster(folder, Object.fromEntries(ports));
  }
  return plan.value;
}

function announce(plan: StackPlan): void {
  for (const { name, from, to } of plan.moved) {
    warn(`port ${from} is taken: ${name} listens on ${to}`);
  }
  for (const name of ['postgres', 'nats', 'kubernetes', 'lockmgr'] as const) {
    const choice = plan[name];
    if (choice.kind === 'external') warn(`${name}: yours is used: ${choice.shown}`);
  }
}

/** In a session of its own: it outlives this terminal, and no Ctrl-C reaches it. */
function startSupervisor(folder: StackFolder, plan: StackPlan): void {
  const log = openSync(logFileOf(folder, supervisorName), 'a', 0o600);
  const main = join('tools', 'stack', 'src', 'supervisor', 'main.ts');
  const supervisor = spawn(process.execPath, [main], {
    cwd: repositoryDir,
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      STACK: folder.stack,
      [planVariable]: JSON.stringify(plan),
      [stackMarker]: folder.path,
    },
  });
  supervisor.unref();
  closeSync(log);
}
