/**
 * Removes builds that nothing has used for a while. Each set of pins has a folder of its own, so
 * that other checkouts find theirs; those of pins that no checkout has any more stay behind.
 *
 * A folder's time of modification says when it was last used: `markUsed` sets it.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Longer than a holiday from a checkout: its next start would take ten minutes. */
export const unusedMsMax = 14 * 86_400_000;

/** A build, one that was broken off, and one that was being removed. */
const buildNames = /^infra-[0-9a-f]{16}(?:\.building-\d+|\.removing-\d+)?$/;

/** Every start of servers says so. A cache that can't be written is somebody else's to clean. */
export function markUsed(folder: string, nowMs: number): void {
  try {
    utimesSync(folder, nowMs / 1000, nowMs / 1000);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
  }
}

/**
 * Removes the other builds beside the current one that were last used more than `unusedMsMax` ago,
 * and that no process was started from.
 *
 * @returns the folders that are gone
 */
export function removeUnused(currentFolder: string, nowMs: number): readonly string[] {
  const parent = dirname(currentFolder);
  const unused = readdirSync(parent)
    .filter((name) => buildNames.test(name))
    .map((name) => join(parent, name))
    .filter((folder) => folder !== currentFolder && isUnused(folder, nowMs))
    .toSorted();
  if (unused.length === 0) return [];
  const commands = runningCommands();
  return unused.filter((folder) => {
    // The last look is the latest: a start elsewhere may have come in between.
    if (commands.includes(`${folder}/`) || !isUnused(folder, nowMs)) return false;
    return remove(folder);
  });
}

function isUnused(folder: string, nowMs: number): boolean {
  const status = statSync(folder, { throwIfNoEntry: false });
  return status !== undefined && nowMs - status.mtimeMs > unusedMsMax;
}

/** The command lines of all processes: servers are started by the path of their program. */
function runningCommands(): string {
  return execFileSync('ps', ['-A', '-ww', '-o', 'args='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Moved aside first, so that a build is there in full or not at all. False: another was faster. */
function remove(folder: string): boolean {
  const aside = basename(folder).includes('.') ? folder : `${folder}.removing-${process.pid}`;
  try {
    if (aside !== folder) renameSync(folder, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
  return true;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
