/** What modules import, against what their projects declare. */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Finding } from '../finding.ts';
import { type ImportUse, importsOf } from '../imports.ts';
import { isGenerated } from '../source-tree.ts';
import { isDevelopmentPath, type ParsedModule } from '../syntax.ts';
import type { Project, Workspace } from '../workspace.ts';
import { manifestOf } from './declarations.ts';
import { allowedInTests, allowedLayers, Layer, layerOf } from './layers.ts';

export type ImportReport = {
  readonly findings: readonly Finding[];
  /** How many imports were looked at, so that finding none can be told from finding no fault. */
  readonly importsSeen: number;
};

export function importFindings(
  project: Project,
  modules: readonly ParsedModule[],
  workspace: Workspace,
): ImportReport {
  const used = new Set<string>();
  const usedByProduct = new Set<string>();
  const findings: Finding[] = [];
  let importsSeen = 0;
  for (const module of modules) {
    for (const use of importsOf(module)) {
      importsSeen += 1;
      const name = use.specifier === null ? null : packageOf(use.specifier);
      if (name !== null) {
        used.add(name);
        if (!isDevelopmentPath(module.path)) usedByProduct.add(name);
      }
      findings.push(...useFindings(project, module, use, workspace));
    }
  }
  return { findings: [...findings, ...unusedFindings(project, used, usedByProduct)], importsSeen };
}

function useFindings(
  project: Project,
  module: ParsedModule,
  use: ImportUse,
  workspace: Workspace,
): readonly Finding[] {
  const report = (message: string): Finding => ({ path: module.path, line: use.line, message });
  const { specifier } = use;
  if (specifier === null) {
    return mayComputeImports(project, module)
      ? []
      : [report('imports what only shows at run time')];
  }
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(module.path), specifier);
    if (!target.startsWith(`${project.folder}/`)) {
      return [report(`${specifier} leaves the project: import the other package by its name`)];
    }
    return isDevelopmentPath(target) && !isDevelopmentPath(module.path)
      ? [report(`${specifier} is for tests and scripts only`)]
      : [];
  }
  const name = packageOf(specifier);
  if (name === null) return [];
  return [
    ...(isDeclared(name, project, module, workspace) || name === project.name
      ? []
      : [report(`${name} is not declared in ${manifestOf(project)}`)]),
    ...layerFindings(name, project, module, workspace).map(report),
    ...exportFindings(specifier, name, workspace).map(report),
  ];
}

/** The package of a specifier; null for Node's own modules and for paths. */
function packageOf(specifier: string): string | null {
  if (specifier.startsWith('.') || specifier.startsWith('/') || isBuiltin(specifier)) return null;
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function isDeclared(
  name: string,
  project: Project,
  module: ParsedModule,
  workspace: Workspace,
): boolean {
  if (project.dependencies.has(name)) return true;
  if (!isDevelopmentPath(module.path)) return false;
  return project.devDependencies.has(name) || workspace.tools.has(name);
}

function layerFindings(
  name: string,
  project: Project,
  module: ParsedModule,
  workspace: Workspace,
): readonly string[] {
  const target = workspace.projects.find((candidate) => candidate.name === name);
  const [layer, targetLayer] = [layerOf(project.tags), target && layerOf(target.tags)];
  if (layer === null || targetLayer === undefined || targetLayer === null) return [];
  const allowed =
    name === project.name ||
    allowedLayers[layer].includes(targetLayer) ||
    (isDevelopmentPath(module.path) && allowedInTests.includes(targetLayer));
  return allowed ? [] : [`${layer} may not import ${targetLayer} (${name})`];
}

function exportFindings(specifier: string, name: string, workspace: Workspace): readonly string[] {
  const target = workspace.projects.find((candidate) => candidate.name === name);
  if (target === undefined) return [];
  const subpath = `.${specifier.slice(name.length)}`;
  return target.exports.includes(subpath) ? [] : [`${name} doesn't export ${subpath}`];
}

/** Tools load what they check; a generator's output is not ours to write. */
function mayComputeImports(project: Project, module: ParsedModule): boolean {
  const layer = layerOf(project.tags);
  return layer === Layer.Tool || layer === Layer.Testkit || isGenerated(module.path);
}

function unusedFindings(
  project: Project,
  used: ReadonlySet<string>,
  usedByProduct: ReadonlySet<string>,
): readonly Finding[] {
  const report = (message: string): Finding => ({ path: manifestOf(project), line: null, message });
  const unused = [...project.dependencies.keys()].filter((name) => !usedByProduct.has(name));
  const unusedDev = [...project.devDependencies.keys()].filter(
    (name) => !used.has(name) && !name.startsWith('@types/'),
  );
  return [
    ...unused.map((name) =>
      report(
        used.has(name)
          ? `declares ${name}, which only tests and scripts import: it belongs in devDependencies`
          : `declares ${name}, which nothing imports`,
      ),
    ),
    ...unusedDev.map((name) => report(`declares ${name} for development, which nothing imports`)),
  ];
}
