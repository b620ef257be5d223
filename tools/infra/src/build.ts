/** Compiles the pinned servers with Go into a folder: `bin/` with every program, `stages/`. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import {
  infraModuleDir,
  kwokStageDirs,
  linkedPrograms,
  linkerFlags,
  separatePrograms,
} from '@windlass/testkit';
import type { Progress } from './progress.ts';

export class BuildError extends Error {
  override readonly name = 'BuildError';
}

export type Build = {
  /** Made by the build. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
};

/** One binary holds most programs, each under the name of a link to it. */
const serversPackage = './servers';
/** A failing build says why in its last lines. */
const errorLinesMax = 40;

/** @throws BuildError when Go is missing or a package doesn't compile */
export async function buildServers(build: Build): Promise<void> {
  const { progress } = build;
  const binDir = join(build.folder, 'bin');
  mkdirSync(binDir, { recursive: true });
  progress.keep(
    `building the pinned servers with ${await goVersion(build)}, once: about 10 minutes on two cores`,
  );
  const packages = [serversPackage, ...Object.values(separatePrograms)];
  progress.show('resolving and downloading modules');
  const listed = await runGo(build, ['list', '-deps', ...packages], (line) => {
    if (line.startsWith('go: downloading')) progress.show(line.slice('go: '.length));
  });
  const packagesCount = listed.trim().split('\n').length;
  let compiledCount = 0;
  const compile = (output: string, name: string) =>
    runGo(
      build,
      ['build', '-v', '-o', join(binDir, output), '-ldflags', flagsOf(), name],
      (line) => {
        compiledCount += 1;
        progress.show(`compiled ${compiledCount} of ${packagesCount} at most: ${line}`);
      },
    );
  progress.show(`compiling at most ${packagesCount} packages`);
  await compile('servers', serversPackage);
  for (const [output, name] of Object.entries(separatePrograms)) await compile(output, name);
  for (const name of linkedPrograms) symlinkSync('servers', join(binDir, name));
  await copyStages(build);
  progress.keep(`compiled ${compiledCount} packages; the others were in Go's cache`);
}

function flagsOf(): string {
  return linkerFlags(readFileSync(join(infraModuleDir, 'go.mod'), 'utf8'));
}

/** KWOK's stages are needed at run time, when Go and its module cache may be gone. */
async function copyStages(build: Build): Promise<void> {
  const args = ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'];
  const moduleDir = (await runGo(build, args, () => {})).trim();
  for (const folder of kwokStageDirs) {
    const source = join(moduleDir, 'kustomize/stage', folder);
    const target = join(build.folder, 'stages', folder);
    const files = readdirSync(source).filter(
      (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
    );
    if (files.length === 0) throw new BuildError(`kwok has no stages in ${folder} any more`);
    mkdirSync(target, { recursive: true });
    for (const file of files) {
      cpSync(join(source, file), join(target, file));
      // The module cache is read-only, and so are copies of its files.
      chmodSync(join(target, file), 0o644);
    }
  }
}

async function goVersion(build: Build): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], {
      cwd: infraModuleDir,
      env: build.env,
    });
    return stdout.trim();
  } catch (cause) {
    const goMod = readFileSync(join(infraModuleDir, 'go.mod'), 'utf8');
    const wanted = /^go (\S+)$/m.exec(goMod)?.[1] ?? '';
    throw new BuildError(
      [
        `Go ${wanted} or later is needed to build the servers of the local stack, once, and "go"`,
        `can't be run (${String(cause).split('\n')[0]}).`,
        'Install Go, or put the servers on the PATH and set WINDLASS_INFRA=path; see',
        'tools/infra/README.md.',
      ].join('\n'),
      { cause },
    );
  }
}

/** Runs go in the module and returns what it prints; each line of its stderr goes to `onLine`. */
async function runGo(
  build: Build,
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<string> {
  // Fewer collections: the compiler's garbage is mostly freed by its end. Costs memory, saves a
  // fifth of the time. The version stamp of a repository isn't wanted: it would change the build.
  const env = {
    GOGC: '400',
    ...build.env,
    GOFLAGS: `${build.env['GOFLAGS'] ?? ''} -buildvcs=false`,
  };
  const child = spawn('go', args, {
    cwd: infraModuleDir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(build.signal ? { signal: build.signal } : {}),
  });
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    onLine(line);
    lastLines.push(line);
    if (lastLines.length > errorLinesMax) lastLines.shift();
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const code = await exitCodeOf(child);
  build.signal?.throwIfAborted();
  if (code === 0) return stdout;
  const ending = code === null ? 'was ended by a signal' : `ended with code ${code}`;
  throw new BuildError(`go ${args[0]} ${ending}:\n${lastLines.join('\n')}`);
}

function exitCodeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    // Aborted: the caller looks at its signal.
    child.once('error', (error) => (error.name === 'AbortError' ? resolve(null) : reject(error)));
    child.once('close', (code) => resolve(code));
  });
}
