/**
 * Makes sure that the pinned servers are built, once per machine and set of pins.
 *
 * A build happens in a folder beside the final one and is renamed when it is whole, so that the
 * final folder is either absent or complete. A lock keeps two builds from doing the same work; if
 * it should fail to (see lock.ts), the first to rename wins and the other one's work is dropped.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { infraDir, locateServers, ServersMissingError } from '@windlass/testkit';
import { buildServers } from './build.ts';
import { withLock } from './lock.ts';
import { createProgress, type Output } from './progress.ts';
import { markUsed, removeUnused } from './unused.ts';

export { BuildError } from './build.ts';

export type BuildOptions = {
  /** Where progress is shown. */
  readonly output: Output;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
};

/** @throws BuildError with what to do */
export async function ensureServers(options: BuildOptions): Promise<void> {
  const env = options.env ?? process.env;
  if (areThere(env)) {
    options.output.write(`servers: ready in ${locateServers(env).binDir ?? 'the PATH'}\n`);
    if (locateServers(env).binDir !== null) keepCacheSmall(infraDir(env), options.output);
    return;
  }
  const folder = infraDir(env);
  mkdirSync(dirname(folder), { recursive: true });
  const progress = createProgress(options.output);
  try {
    const lockFile = `${folder}.lock`;
    await withLock(lockFile, { progress, signal: options.signal }, async () => {
      if (!areThere(env)) await buildInto(folder, { ...options, env }, progress);
    });
  } finally {
    progress.close();
  }
  options.output.write(`servers: built into ${join(folder, 'bin')}\n`);
  keepCacheSmall(folder, options.output);
}

function keepCacheSmall(folder: string, output: Output): void {
  const nowMs = Date.now();
  markUsed(folder, nowMs);
  for (const removed of removeUnused(folder, nowMs)) {
    output.write(`servers: removed ${removed}, which nothing has used for two weeks\n`);
  }
}

function areThere(env: NodeJS.ProcessEnv): boolean {
  try {
    locateServers(env);
    return true;
  } catch (error) {
    if (env['WINDLASS_INFRA'] !== 'path' && error instanceof ServersMissingError) return false;
    throw error;
  }
}

async function buildInto(
  folder: string,
  options: BuildOptions & { readonly env: NodeJS.ProcessEnv },
  progress: ReturnType<typeof createProgress>,
): Promise<void> {
  removeUnfinished(folder);
  const building = `${folder}.building-${process.pid}`;
  try {
    await buildServers({ folder: building, env: options.env, progress, signal: options.signal });
    if (!existsSync(folder)) renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** What builds left that were interrupted. Only the holder of the lock may call it. */
function removeUnfinished(folder: string): void {
  const prefix = `${basename(folder)}.building-`;
  for (const name of readdirSync(dirname(folder)).filter((each) => each.startsWith(prefix))) {
    rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}
