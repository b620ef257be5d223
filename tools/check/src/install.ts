/** Before anything else: an install that lags behind the lock file fails in puzzling ways. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, sortFindings } from './finding.ts';
import { isRecord, type Json, parseJson, textOf } from './json.ts';

const nodeMajorMin = 24;

export function checkInstall(root: string): readonly Finding[] {
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const installed = lockedPackages(join(root, 'node_modules/.package-lock.json'));
  return sortFindings([
    ...nodeFindings(process.versions.node),
    ...lockFindings(wanted, (folder) => {
      const file = join(root, folder, 'package.json');
      return existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : null;
    }),
    ...installFindings(wanted, installed),
  ]);
}

export function nodeFindings(version: string): readonly Finding[] {
  if (Number.parseInt(version, 10) >= nodeMajorMin) return [];
  const message = `needs Node ${nodeMajorMin}, this is ${version}: \`npm ci\` brings it along`;
  return [{ path: 'package.json', line: null, message }];
}

/** Package folders to what the lock file says of them. */
export type LockedPackages = ReadonlyMap<string, { readonly [name: string]: Json }>;

export function installFindings(
  wanted: LockedPackages,
  installed: LockedPackages,
): readonly Finding[] {
  if (wanted.size === 0) {
    return [{ path: 'package-lock.json', line: null, message: 'holds no packages' }];
  }
  return [...wanted].flatMap(([path, entry]) => {
    // Links are the workspace's own; what is optional may not fit this machine.
    const excused =
      entry['link'] === true || entry['optional'] === true || !path.includes('node_modules/');
    const found = installed.get(path);
    if (excused || found?.['version'] === entry['version']) return [];
    const has = found === undefined ? 'is not installed' : `is ${textOf(found['version'])}`;
    const message = `${has}, package-lock.json says ${textOf(entry['version'])}: run npm ci`;
    return [{ path, line: null, message }];
  });
}

/** `npm ci` refuses a lock file that says something else than the projects' own package.json files. */
export function lockFindings(
  wanted: LockedPackages,
  readManifest: (folder: string) => Json,
): readonly Finding[] {
  const projects = [...wanted].filter(([folder]) => !folder.includes('node_modules/'));
  return projects.flatMap(([folder, entry]) => {
    const manifest = readManifest(folder);
    const same =
      isRecord(manifest) &&
      (['dependencies', 'devDependencies'] as const).every(
        (kind) => sortedEntries(manifest[kind]) === sortedEntries(entry[kind]),
      );
    if (same) return [];
    const path = folder === '' ? 'package.json' : `${folder}/package.json`;
    return [
      {
        path,
        line: null,
        message: 'has other dependencies than package-lock.json: run npm install',
      },
    ];
  });
}

function sortedEntries(value: Json | undefined): string {
  return JSON.stringify(
    isRecord(value)
      ? Object.keys(value)
          .toSorted()
          .map((name) => [name, textOf(value[name])])
      : [],
  );
}

function lockedPackages(file: string): LockedPackages {
  if (!existsSync(file)) return new Map();
  const lock = parseJson(readFileSync(file, 'utf8'));
  const packages = isRecord(lock) && isRecord(lock['packages']) ? lock['packages'] : {};
  return new Map(
    Object.entries(packages).flatMap(([path, entry]) => (isRecord(entry) ? [[path, entry]] : [])),
  );
}
