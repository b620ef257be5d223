/** `npm run nemesis`: finds the running stack, hurts it, and says whether it kept its word. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@windlass/base';
import { connectKube } from '@windlass/kube';
import { connectNats } from '@windlass/nats';
import { createLog, createMetrics, LogLevel } from '@windlass/telemetry';
import {
  appOfComponent,
  lockAddressesOf,
  runningState,
  type StackFolder,
  stackFolder,
} from '@windlass/tool-stack';
import { watchCrashes } from './crashes.ts';
import { processFaults } from './faults/process-faults.ts';
import { planSchedule } from './faults/schedule.ts';
import { stackProcesses } from './faults/stack-processes.ts';
import { runNemesis } from './nemesis.ts';
import { commandOf, type Options, parseOptions, usage } from './options.ts';
import { summaryLines, violationLines } from './report.ts';
import { createDeploymentsWorkload } from './workloads/deployments/deployments.ts';
import { createLocksWorkload } from './workloads/locks/locks.ts';
import { together } from './workloads/together.ts';

const exitCodes = { ok: 0, violations: 1, usage: 2, interrupted: 130 } as const;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options | 'help';
  let folder: StackFolder;
  try {
    options = parseOptions(process.argv.slice(2), process.env['STACK'] ?? 'default');
    if (options === 'help') {
      print(usage);
      return exitCodes.ok;
    }
    folder = stackFolder(options.stack);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    print(usage);
    return exitCodes.usage;
  }
  const processes = stackProcesses(folder);
  const unready = processes.unready();
  const state = runningState(folder);
  if (state === null || unready !== null) {
    print(`The stack ${options.stack} isn't running well: ${unready ?? 'it has no state'}.`);
    print(`Start it first: STACK=${options.stack} make run`);
    return exitCodes.usage;
  }
  return hurt(options, folder, state.plan.ports.api, {
    lockAddresses: lockAddressesOf(state) ?? fromUser('LOCKMGR_ADDRESS').split(','),
    databaseUrl: state.connections.databaseUrl ?? fromUser('DATABASE_URL'),
    natsUrl: state.connections.natsUrl ?? fromUser('NATS_URL'),
    kubeconfigPath: state.connections.kubeconfig ?? fromUser('KUBECONFIG'),
  });
}

type Reached = {
  readonly lockAddresses: readonly string[];
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly kubeconfigPath: string;
};

async function hurt(
  options: Options,
  folder: StackFolder,
  apiPort: number,
  { databaseUrl, kubeconfigPath, lockAddresses, natsUrl }: Reached,
): Promise<number> {
  const processes = stackProcesses(folder);
  // Whatever ends this process, short of SIGKILL; for that there are the guards.
  process.on('exit', processes.thawAll);
  const own = processes.own();
  const crashes = watchCrashes(
    folder.logs,
    own.filter((name) => appOfComponent(name) !== null),
  );
  const interrupted = interruption();
  const random = seededRandom(options.seed);
  const log = quietLog(join(folder.logs, 'nemesis.log'));
  const metrics = createMetrics('nemesis');
  const kube = await connectKube({ kubeconfigPath, context: null, log, metrics });
  const connection = { url: natsUrl, tls: null, credentials: null };
  const bus = await connectNats({ ...connection, name: 'nemesis', log, metrics });
  const outageMs = {
    min: options.outageSecondsMin * 1_000,
    max: options.outageSecondsMax * 1_000,
  };
  const runId = `${options.seed}-${Date.now().toString(36)}`;
  const deployments = createDeploymentsWorkload({
    apiUrl: `http://127.0.0.1:${apiPort}`,
    databaseUrl,
    kube,
    bus,
    natsPrefix: process.env['NATS_SUBJECT_PREFIX'] ?? 'windlass',
    runId,
    ratePerSecond: options.rate,
    outageMsMax: outageMs.max,
    random: random.child('deployments'),
  });
  const locks = createLocksWorkload({
    addresses: lockAddresses,
    components: own.filter((name) => appOfComponent(name) === 'lockmgr'),
    runId,
    metrics,
    random: random.child('locks'),
  });
  const workload = together([deployments, locks]);
  const durationMs = options.minutes * 60_000;
  const faults = [...processFaults(own, outageMs), ...workload.faults];
  print(`nemesis on stack ${options.stack}, seed ${options.seed}`);
  try {
    const run = await runNemesis({
      processes,
      schedule: planSchedule(faults, durationMs, random.child('schedule')),
      workload,
      durationMs,
      settleMs: options.settleMinutes * 60_000,
      random,
      signal: interrupted,
      print,
    });
    if (interrupted.aborted) {
      print('interrupted: everything is healed, nothing was checked');
      return exitCodes.interrupted;
    }
    const violations = [...crashes.check(), ...run.violations];
    const result = { ...run, violations };
    for (const line of violationLines(violations, folder.logs)) print(line);
    const rows = [
      ...(await workload.summary()),
      { name: 'claims lost to another worker', value: String(crashes.claimsLost()) },
    ];
    for (const line of summaryLines(result, rows)) print(line);
    print(`again: ${commandOf(options)}`);
    if (violations.length > 0) return exitCodes.violations;
    await workload.clear();
    return exitCodes.ok;
  } finally {
    await workload.close();
    await bus.close();
    kube.close();
  }
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      print(`${name}: healing`);
      controller.abort();
    });
  }
  return controller.signal;
}

/** What the clients log about lost connections is expected here, and belongs into a file. */
function quietLog(path: string) {
  const destination = { write: (line: string) => appendFileSync(path, line) };
  return createLog({ app: 'nemesis', level: LogLevel.Info, format: 'json', destination });
}

function fromUser(name: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new Error(
    `the stack uses a server of yours: ${name} must be set as it was for \`make run\``,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
