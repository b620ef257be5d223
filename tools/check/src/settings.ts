/**
 * READMEs of apps and of their charts hold the table of the app's settings between two marks, and the
 * charts' schema knows the same settings: all of it is that of config.ts. Charts: chart-settings.ts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type AnySettings, type SettingsDefinition, settingsTable } from '@windlass/config';
import { Layer, layerOf } from './boundaries/layers.ts';
import { chartTable, placeSchema } from './chart-settings.ts';
import { type Finding, sortFindings } from './finding.ts';
import { parseJson } from './json.ts';
import type { SourceTree } from './source-tree.ts';
import { type Project, readWorkspace } from './workspace.ts';

const openingMark = '<!-- settings -->';
const closingMark = '<!-- /settings -->';

/** Checks every app, and its chart where it has one; with `write`, puts the tables in order instead. */
export async function checkSettings(
  root: string,
  tree: SourceTree,
  write: boolean,
): Promise<readonly Finding[]> {
  const apps = readWorkspace(tree).projects.filter(
    (project) => layerOf(project.tags) === Layer.App,
  );
  if (apps.length === 0) {
    return [{ path: 'apps', line: null, message: 'no apps found: nothing was checked' }];
  }
  const findings: Finding[] = [];
  for (const app of apps) findings.push(...(await appFindings(root, app, write)));
  return sortFindings(findings);
}

async function appFindings(
  root: string,
  app: Project,
  write: boolean,
): Promise<readonly Finding[]> {
  const definition = await loadDefinition(root, app);
  if (definition === null) {
    const message = 'must export its definition as `settings`';
    return [{ path: `${app.folder}/src/config.ts`, line: null, message }];
  }
  return [
    ...tableFindings(root, `${app.folder}/README.md`, settingsTable(definition), write),
    ...chartFindings(root, chartFolder(app), definition, write),
  ];
}

/** The chart of lockmgr-node is lockmgr: who installs it gets a lock manager, not a node. */
function chartFolder(app: Project): string {
  return `deploy/charts/${basename(app.folder).replace(/-node$/, '')}`;
}

/** Nothing where the app has no chart. */
function chartFindings(
  root: string,
  chart: string,
  definition: SettingsDefinition<AnySettings>,
  write: boolean,
): readonly Finding[] {
  if (!existsSync(join(root, chart))) return [];
  return [
    ...tableFindings(root, `${chart}/README.md`, chartTable(definition), write),
    ...schemaFindings(root, `${chart}/values.schema.json`, definition, write),
  ];
}

function schemaFindings(
  root: string,
  path: string,
  definition: SettingsDefinition<AnySettings>,
  write: boolean,
): readonly Finding[] {
  const file = join(root, path);
  const schema = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : null;
  const wanted = placeSchema(schema, definition);
  if (wanted === null) {
    return [{ path, line: null, message: 'needs the properties settings, secrets and files' }];
  }
  // Formatting is the formatter's business.
  if (isDeepStrictEqual(schema, wanted)) return [];
  if (write) {
    writeFileSync(file, `${JSON.stringify(wanted, null, 2)}\n`);
    return [];
  }
  const message = 'has other settings than config.ts: `npm run check settings -- --write`';
  return [{ path, line: null, message }];
}

function tableFindings(
  root: string,
  path: string,
  table: string,
  write: boolean,
): readonly Finding[] {
  const file = join(root, path);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const outcome = placeTable(text, table);
  if (outcome === null) {
    return [{ path, line: null, message: `needs ${openingMark} and ${closingMark}, once each` }];
  }
  if (outcome === text) return [];
  if (write) {
    writeFileSync(file, outcome);
    return [];
  }
  const message =
    'has another table of settings than config.ts: `npm run check settings -- --write`';
  return [{ path, line: null, message }];
}

/** The text with the table between the marks; null unless both marks stand there once, in order. */
export function placeTable(text: string, table: string): string | null {
  const [before, between, ...more] = text.split(openingMark);
  const [old, after, ...rest] = (between ?? '').split(closingMark);
  const wellFormed =
    before !== undefined &&
    old !== undefined &&
    after !== undefined &&
    more.length + rest.length === 0;
  if (!wellFormed) return null;
  return `${before}${openingMark}\n\n${table.trim()}\n\n${closingMark}${after}`;
}

async function loadDefinition(
  root: string,
  app: Project,
): Promise<SettingsDefinition<AnySettings> | null> {
  const file = join(root, app.folder, 'src/config.ts');
  if (!existsSync(file)) return null;
  const module: unknown = await import(pathToFileURL(file).href);
  return hasSettings(module) ? module.settings : null;
}

function hasSettings(
  module: unknown,
): module is { readonly settings: SettingsDefinition<AnySettings> } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'settings' in module &&
    typeof module.settings === 'object' &&
    module.settings !== null &&
    'settings' in module.settings
  );
}
