/** The operator's commands, as they run in a process of their own: what they print, how they end. */
import { readFile } from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { systemClock } from '@windlass/base';
import { type Environment, loadSettings } from '@windlass/config';
import { ExitCode } from '@windlass/errors';
import { clientCredentials, GrpcError } from '@windlass/grpc';
import { createMetrics } from '@windlass/telemetry';
import { addressOf, clientTlsOf, settings as definition } from '../config.ts';
import { randomId } from '../node/ids.ts';
import { type CommandLine, commandUsage } from './command-line.ts';
import { fetchBackup } from './fetch-backup.ts';
import { restoreBackup } from './restore.ts';

export type OperatorCommand = Exclude<CommandLine, { kind: 'run' }>;

/** Resolves with the exit code. What it did goes to standard error: standard output may be the backup. */
export async function runCommand(
  command: OperatorCommand,
  { env }: { readonly env: Environment },
): Promise<number> {
  switch (command.kind) {
    case 'help':
      process.stdout.write(`${commandUsage.join('\n')}\n`);
      return 0;
    case 'wrong':
      say(`${command.message}\n${commandUsage.join('\n')}`);
      return ExitCode.Usage;
    case 'backup':
      return backup(command, env);
    case 'restore':
      return restore(command.file, env);
    default:
      return command satisfies never;
  }
}

async function backup(
  { address, file, tokenFile }: Extract<OperatorCommand, { kind: 'backup' }>,
  env: Environment,
): Promise<number> {
  const settings = loadSettings(definition, { argv: [], env });
  try {
    const token =
      tokenFile === null ? settings.adminToken : (await readFile(tokenFile, 'utf8')).trim();
    const { bytes, index, leader, locks, sessions } = await fetchBackup({
      address,
      file,
      token,
      credentials: clientCredentials(clientTlsOf(settings)),
      metrics: createMetrics('lockmgr-node'),
    });
    say(
      `${file}: ${bytes} bytes from ${leader}, index ${index}: ${sessions} sessions, ${locks} locks`,
    );
    return 0;
  } catch (error) {
    say(`no backup: ${error instanceof Error ? error.message : String(error)}`);
    if (!(error instanceof GrpcError)) return ExitCode.Failure;
    return refusals.includes(error.code) ? ExitCode.Refused : ExitCode.TryAgain;
  }
}

const refusals: readonly number[] = [
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.UNIMPLEMENTED,
];

async function restore(file: string, env: Environment): Promise<number> {
  const settings = loadSettings(definition, { argv: [], env });
  const { dataFolder, maxTimeoutMs, nodeName, regionId } = settings;
  const address = addressOf(settings);
  const restored = await restoreBackup({
    file,
    dataFolder,
    nodeName,
    address,
    regionId,
    nowMs: systemClock.nowMs(),
    newId: randomId,
  });
  if (!restored.ok) {
    say(`nothing is restored: ${restored.error}`);
    return ExitCode.Refused;
  }
  const { clusterId, nodeId, sessions, locks, waiters, tokenAfter, tokenBefore } = restored.value;
  say(`${dataFolder} holds a new cluster, ${clusterId}, of one node: ${nodeName} (${nodeId}) at ${address}.
${sessions} sessions with ${locks} locks and ${waiters} waits are in it; each session's TTL starts anew.
Tokens go on after ${tokenAfter}; the newest one of the backup is ${tokenBefore}.

Before you start it:
- Every other node of the old cluster is stopped, and its data folder is empty: old nodes that meet
  make a majority of the old cluster, which knows nothing of this one.
- ${maxTimeoutMs / 1_000} s (LOCK_MAX_TIMEOUT_MS) have passed since the last of them was stopped: whoever got a
  lock after the backup has given it up by then.
Then start ${nodeName}, start the others with empty folders, and add each of them:
  ClusterService.AddMember {name, address}`);
  return 0;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
