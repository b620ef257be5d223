/**
 * Finds the pinned servers: those that tools/infra built into the cache, or those on the PATH.
 *
 * The PATH counts when WINDLASS_INFRA=path says so, or when nothing is built and the PATH has
 * every one of them, as in an image that a built folder was copied into. KWOK's stages then lie
 * beside the folder of `kwok`, in ../stages.
 */
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { infraDir, type ProgramName, programNames } from './pins.ts';

export type ServerBinaries = {
  /** Absolute path of a program. */
  readonly path: (name: ProgramName) => string;
  /** A folder for the PATH of a shell, with every program in it, or null where they come from it. */
  readonly binDir: string | null;
  /** The folder of KWOK's stages. */
  readonly stagesDir: string;
};

export class ServersMissingError extends Error {
  override readonly name = 'ServersMissingError';
}

/** @throws ServersMissingError with what to run, where the servers are neither built nor on PATH */
export function locateServers(env: NodeJS.ProcessEnv = process.env): ServerBinaries {
  const source = env['WINDLASS_INFRA'] ?? 'auto';
  if (source !== 'auto' && source !== 'path' && source !== 'built') {
    throw new ServersMissingError(`WINDLASS_INFRA is "${source}"; it may be auto, path or built`);
  }
  const built = source === 'path' ? null : builtServers(infraDir(env));
  if (built !== null) return built;
  const { servers, missing } = source === 'built' ? notOnPath() : serversOnPath(env);
  if (servers !== null) return servers;
  if (source === 'path') {
    throw new ServersMissingError(`WINDLASS_INFRA=path, and the PATH has no ${missing.join(', ')}`);
  }
  throw new ServersMissingError(
    'the pinned servers are not built; build them once with: node tools/infra/src/main.ts',
  );
}

function builtServers(folder: string): ServerBinaries | null {
  const binDir = join(folder, 'bin');
  if (!existsSync(binDir)) return null;
  return { path: (name) => join(binDir, name), binDir, stagesDir: join(folder, 'stages') };
}

function notOnPath(): PathSearch {
  return { servers: null, missing: programNames };
}

type PathSearch = {
  readonly servers: ServerBinaries | null;
  readonly missing: readonly string[];
};

function serversOnPath(env: NodeJS.ProcessEnv): PathSearch {
  const found = new Map<ProgramName, string>();
  for (const name of programNames) {
    const file = findOnPath(name, env);
    if (file !== null) found.set(name, file);
  }
  const missing: string[] = programNames.filter((name) => !found.has(name));
  const kwok = found.get('kwok');
  const stagesDir = kwok === undefined ? null : join(dirname(realpathSync(kwok)), '../stages');
  if (stagesDir !== null && !existsSync(stagesDir)) missing.push(stagesDir);
  if (stagesDir === null || missing.length > 0) return { servers: null, missing };
  const path = (name: ProgramName) => found.get(name) ?? name;
  return { servers: { path, binDir: null, stagesDir }, missing };
}

function findOnPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    if (folder !== '' && isExecutable(file)) return file;
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
