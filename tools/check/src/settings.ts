/** READMEs of apps hold the table of their settings between two marks; it is that of config.ts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AnySettings, type SettingsDefinition, settingsTable } from '@windlass/config';
import { Layer, layerOf } from './boundaries/layers.ts';
import { type Finding, sortFindings } from './finding.ts';
import type { SourceTree } from './source-tree.ts';
import { type Project, readWorkspace } from './workspace.ts';

const openingMark = '<!-- settings -->';
const closingMark = '<!-- /settings -->';

/** Checks every app; with `write`, puts the tables in order instead. */
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
  const path = `${app.folder}/README.md`;
  const definition = await loadDefinition(root, app);
  if (definition === null) {
    const message = 'must export its definition as `settings`';
    return [{ path: `${app.folder}/src/config.ts`, line: null, message }];
  }
  const file = join(root, path);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const table = settingsTable(definition);
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
