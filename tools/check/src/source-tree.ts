/** The repository's text files by path: what every check reads, so that tests can hand in others. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths are relative to the top, with forward slashes, in sorted order. */
export type SourceTree = ReadonlyMap<string, string>;

/** Made, fetched or local; never part of what is checked. */
const skippedFolders: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.nx',
  '.windlass',
  'dist',
  'coverage',
]);

/** A text file has no NUL in its first bytes: git's own rule. */
const probeBytes = 8_000;

export function readSourceTree(root: string): SourceTree {
  const paths = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
    pathsBelow(root, entry.name, entry.isDirectory(), entry.isFile()),
  );
  const texts = paths.toSorted().flatMap((path) => {
    const bytes = readFileSync(join(root, path));
    if (bytes.subarray(0, probeBytes).includes(0)) return [];
    return [[path, bytes.toString('utf8')] as const];
  });
  return new Map(texts);
}

function pathsBelow(
  root: string,
  path: string,
  isDirectory: boolean,
  isFile: boolean,
): readonly string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (isFile) return name.endsWith('.log') || name === '.env' ? [] : [path];
  if (!isDirectory || skippedFolders.has(name)) return [];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) =>
    pathsBelow(root, `${path}/${entry.name}`, entry.isDirectory(), entry.isFile()),
  );
}

/** Written by a generator, so that rules for people don't apply. */
export function isGenerated(path: string): boolean {
  return /(?:^|\/)(?:gen|generated)\//.test(path);
}
