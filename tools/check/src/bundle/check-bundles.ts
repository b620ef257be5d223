import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Layer, layerOf } from '../boundaries/layers.ts';
import { type Finding, sortFindings } from '../finding.ts';
import type { SourceTree } from '../source-tree.ts';
import { readWorkspace } from '../workspace.ts';
import { bundleApp } from './bundle-app.ts';
import { tryBundle } from './try-bundle.ts';

/** Bundles the apps (all, or those named by their folder) and starts each bundle once. */
export async function checkBundles(
  root: string,
  tree: SourceTree,
  names: readonly string[],
  say: (line: string) => void,
): Promise<readonly Finding[]> {
  const folders = readWorkspace(tree)
    .projects.filter((project) => layerOf(project.tags) === Layer.App)
    .map((project) => project.folder)
    .filter((folder) => names.length === 0 || names.includes(basename(folder)));
  if (folders.length === 0) {
    return [{ path: 'apps', line: null, message: 'no such app found: nothing was bundled' }];
  }
  const findings: Finding[] = [];
  for (const folder of folders) {
    const bundled = await bundleApp(join(root, folder));
    const outcome = bundled.ok ? await tryBundle(join(root, folder)) : bundled;
    if (outcome.ok) {
      const kib = Math.round(statSync(join(root, folder, 'dist/main.js')).size / 1024);
      say(`${folder}/dist/main.js: ${kib} KiB`);
    } else {
      findings.push({ path: folder, line: null, message: outcome.error });
    }
  }
  return sortFindings(findings);
}
