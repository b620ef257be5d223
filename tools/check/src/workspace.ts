/** The projects of the workspace, from their package.json files. */
import { isRecord, type Json, parseJson, textOf, textsOf } from './json.ts';
import type { SourceTree } from './source-tree.ts';

export type Project = {
  /** Such as `@windlass/base`. */
  readonly name: string;
  /** Such as `libs/base`. */
  readonly folder: string;
  readonly tags: readonly string[];
  /** Package names to versions. */
  readonly dependencies: ReadonlyMap<string, string>;
  readonly devDependencies: ReadonlyMap<string, string>;
  /** Subpaths that others may import: `.`, `./migrate`. */
  readonly exports: readonly string[];
};

export type Workspace = {
  readonly projects: readonly Project[];
  /** The root's devDependencies: tools that any test may import. */
  readonly tools: ReadonlySet<string>;
};

export function readWorkspace(tree: SourceTree): Workspace {
  const root = packageJson(tree, 'package.json');
  const patterns = textsOf(root['workspaces']);
  const folders = [...tree.keys()]
    .filter((path) => path.endsWith('/package.json'))
    .map((path) => path.slice(0, -'/package.json'.length))
    .filter((folder) => patterns.some((pattern) => matchesPattern(pattern, folder)))
    .toSorted();
  return {
    projects: folders.map((folder) => readProject(tree, folder)),
    tools: new Set(textEntries(root['devDependencies']).keys()),
  };
}

function readProject(tree: SourceTree, folder: string): Project {
  const manifest = packageJson(tree, `${folder}/package.json`);
  const nx = isRecord(manifest['nx']) ? manifest['nx'] : {};
  return {
    name: textOf(manifest['name']),
    folder,
    tags: textsOf(nx['tags']),
    dependencies: textEntries(manifest['dependencies']),
    devDependencies: textEntries(manifest['devDependencies']),
    exports: isRecord(manifest['exports']) ? Object.keys(manifest['exports']) : [],
  };
}

function packageJson(tree: SourceTree, path: string): Record<string, Json> {
  const parsed = parseJson(tree.get(path) ?? '{}');
  if (!isRecord(parsed)) throw new Error(`${path} is not a JSON object`);
  return parsed;
}

function textEntries(value: Json | undefined): ReadonlyMap<string, string> {
  if (!isRecord(value)) return new Map();
  return new Map(Object.entries(value).map(([name, version]) => [name, textOf(version)]));
}

/** npm's patterns as far as they are used here: `*` stands for one folder. */
function matchesPattern(pattern: string, folder: string): boolean {
  const [wanted, parts] = [pattern.split('/'), folder.split('/')];
  return (
    wanted.length === parts.length &&
    wanted.every((part, index) => part === '*' || part === parts[index])
  );
}
