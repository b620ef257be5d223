/**
 * Builds the examples in other languages, once per machine: below the user's cache folder, again
 * only when what they are made of changes. What is missing on the machine (Go, Python, their
 * packages) is told apart from examples that don't build.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { infraDir, locateServers } from '@windlass/testkit';

/** Two cores compile gRPC in a minute; packages are fetched besides. */
const buildDeadlineMs = 240_000;
const runDeadlineMs = 30_000;

const root = fileURLToPath(new URL('../../../../../', import.meta.url));
export const examplesFolder = fileURLToPath(new URL('../../examples/', import.meta.url));
const protoFolder = join(root, 'proto');
const protoFile = 'windlass/lock/v1/lock.proto';

const goPlugins = [
  'google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12',
  'google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0',
];

/** The machine lacks something that isn't ours; the message says what. */
export class ToolsMissingError extends Error {
  override readonly name = 'ToolsMissingError';
}

/** A command that runs an example, but for the address of a node. */
export type ExampleProgram = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

export async function run(program: ExampleProgram, address: string): Promise<string> {
  const { args, command, env } = program;
  const { stdout } = await promisify(execFile)(command, [...args, address], {
    env: { ...process.env, ...env },
    timeout: runDeadlineMs,
  });
  return stdout;
}

export function typescriptExample(): ExampleProgram {
  return { command: process.execPath, args: [join(examplesFolder, 'typescript', 'locks.ts')] };
}

export function grpcurlExample(): ExampleProgram {
  const folder = dirname(locateServers().path('grpcurl'));
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  return { command: join(examplesFolder, 'grpcurl', 'locks.sh'), args: [], env };
}

/** @throws ToolsMissingError */
export async function goExample(): Promise<ExampleProgram> {
  const folder = await built('go', async (target) => {
    const bin = join(target, 'bin');
    const env = { GOBIN: bin, GOFLAGS: '-mod=mod' };
    for (const plugin of goPlugins) await fetchTool('go', ['install', plugin], target, env);
    await fetchTool('go', ['mod', 'download'], target, {});
    const opt = [
      'module=example.com/windlass/locks',
      `M${protoFile}=example.com/windlass/locks/lockv1`,
    ];
    const plugins = ['protoc-gen-go', 'protoc-gen-go-grpc'].map((name) => ({
      local: join(bin, name),
      out: target,
      opt,
    }));
    const template = JSON.stringify({ version: 'v2', plugins });
    const buf = join(root, 'node_modules', '.bin', 'buf');
    await execute(buf, ['generate', '--template', template, '--path', protoFile], protoFolder, {});
    await execute('go', ['vet', '.'], target, {});
    await execute('go', ['build', '-o', 'locks', '.'], target, {});
  });
  return { command: join(folder, 'locks'), args: [] };
}

/** @throws ToolsMissingError */
export async function pythonExample(): Promise<ExampleProgram> {
  const folder = await built('python', async (target) => {
    await fetchTool('python3', ['-m', 'venv', 'environment'], target, {});
    const python = join(target, 'environment', 'bin', 'python');
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await fetchTool(python, [...install, '-r', 'requirements.txt'], target, {});
    const outputs = ['--python_out=.', '--grpc_python_out=.'];
    const protoc = ['-m', 'grpc_tools.protoc', `-I${protoFolder}`, protoFile, ...outputs];
    await execute(python, protoc, target, {});
  });
  return {
    command: join(folder, 'environment', 'bin', 'python'),
    args: [join(folder, 'locks.py')],
    env: { PYTHONPATH: folder },
  };
}

/** The folder of an example that is built from what there is now. */
async function built(
  language: 'go' | 'python',
  build: (target: string) => Promise<void>,
): Promise<string> {
  const source = join(examplesFolder, language);
  const cache = join(dirname(infraDir(process.env)), 'lock-examples');
  const name = `${language}-${await fingerprint(source)}`;
  const finished = join(cache, name);
  if (await exists(finished)) return finished;
  await mkdir(cache, { recursive: true });
  const target = await mkdtemp(join(cache, `.${language}-`));
  try {
    await cp(source, target, { recursive: true });
    await build(target);
    await discardOlder(cache, language);
    await rename(target, finished);
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    // Another run was faster.
    if (await exists(finished)) return finished;
    throw error;
  }
  return finished;
}

async function fingerprint(source: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(protoFolder, protoFile)));
  hash.update(await readFile(fileURLToPath(import.meta.url)));
  for (const name of (await readdir(source)).toSorted()) {
    hash.update(name).update(await readFile(join(source, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function discardOlder(cache: string, language: string): Promise<void> {
  const older = (await readdir(cache)).filter((name) => name.startsWith(`${language}-`));
  for (const name of older) await rm(join(cache, name), { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** Fails as the machine's lack: no such program, or no packages to be had. */
async function fetchTool(
  command: string,
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await execute(command, args, folder, env);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ToolsMissingError(`${command} ${args[0] ?? ''}: ${reason.slice(0, 500)}`, {
      cause: error,
    });
  }
}

async function execute(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const options = { cwd, env: { ...process.env, ...env }, timeout: buildDeadlineMs };
  await promisify(execFile)(command, [...args], options);
}
