/**
 * Starts a NATS server with JetStream on a file store.
 *
 * Below dataDir: `nats.conf` (written anew at every start), `jetstream`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locateServers } from './binaries.ts';
import { plainEnv, startProcess } from './keeper.ts';
import { freePorts, portOrFree } from './ports.ts';
import { logSize, retryTakenPort, whenReady } from './starting.ts';
import type { NatsOptions, RunningNats } from './types.ts';

/** Starts take 0.2 s; streams are read back first, which takes longer the more they hold. */
const startDeadlineMs = 60_000;
const stopDeadlineMs = 10_000;
/** A health check on loopback that takes longer than this is asked again. */
const healthDeadlineMs = 2_000;

/** @throws ServerStartError with the end of the server's log */
export function startNats(options: NatsOptions): Promise<RunningNats> {
  return retryTakenPort(options.port, () => startOnce(options));
}

async function startOnce(options: NatsOptions): Promise<RunningNats> {
  const program = locateServers().path('nats-server');
  mkdirSync(options.dataDir, { recursive: true });
  const port = await portOrFree(options.port);
  const [monitorPort = 0] = await freePorts(1);
  const configFile = join(options.dataDir, 'nats.conf');
  writeFileSync(configFile, configuration(options, port, monitorPort));
  const logOffset = logSize(options.logFile);
  const server = await startProcess({
    name: 'nats-server',
    command: program,
    args: ['-c', configFile],
    env: plainEnv(),
    workDir: options.dataDir,
    logFile: options.logFile,
    pidFile: join(options.dataDir, 'nats-server.pid'),
    stopSignal: 'SIGTERM',
    stopDeadlineMs,
  });
  const monitorUrl = `http://127.0.0.1:${monitorPort}`;
  await whenReady({
    process: server,
    logOffset,
    deadlineMs: startDeadlineMs,
    signal: options.signal,
    check: () => isHealthy(monitorUrl),
  });
  const scheme = options.tls === undefined ? 'nats' : 'tls';
  const stop = async () => void (await server.stop());
  return { url: `${scheme}://127.0.0.1:${port}`, port, monitorUrl, process: server, stop };
}

/**
 * A message is in the file system's cache when it is acknowledged: a crash of the server loses
 * nothing. A crash of the machine can lose what came after the last flush to the disk, at most
 * sync_interval ago. `always` would flush for each message, and is many times slower.
 */
function configuration(options: NatsOptions, port: number, monitorPort: number): string {
  const lines = [
    'server_name: windlass',
    `listen: "127.0.0.1:${port}"`,
    `http: "127.0.0.1:${monitorPort}"`,
    'jetstream {',
    `  store_dir: ${JSON.stringify(join(options.dataDir, 'jetstream'))}`,
    `  sync_interval: ${options.durable === false ? '"2m"' : '"10s"'}`,
    '}',
  ];
  if (options.tls !== undefined) {
    const { certificateFile, privateKeyFile, clientCaFile } = options.tls;
    lines.push('tls {');
    lines.push(`  cert_file: ${JSON.stringify(certificateFile)}`);
    lines.push(`  key_file: ${JSON.stringify(privateKeyFile)}`);
    if (clientCaFile !== undefined) {
      lines.push(`  ca_file: ${JSON.stringify(clientCaFile)}`, '  verify: true');
    }
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}

async function isHealthy(monitorUrl: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(healthDeadlineMs);
    const response = await fetch(`${monitorUrl}/healthz`, { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
