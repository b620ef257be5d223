/**
 * The import rules of the workspace, from what projects declare and from what their modules really
 * import. Finding nothing to check is a finding too: a check that looks at nothing passes always.
 */
import { type Finding, sortFindings } from '../finding.ts';
import { isGenerated, type SourceTree } from '../source-tree.ts';
import { isDevelopmentPath, isModulePath, type ParsedModule, parseModule } from '../syntax.ts';
import { type Project, readWorkspace, type Workspace } from '../workspace.ts';
import { declarationFindings } from './declarations.ts';
import { environmentFindings } from './environment.ts';
import { importFindings } from './imports.ts';
import { Layer, layerOf } from './layers.ts';
import { purityFindings } from './purity.ts';

export type BoundaryReport = {
  readonly findings: readonly Finding[];
  readonly projects: number;
  readonly modules: number;
  readonly imports: number;
};

export function checkBoundaries(tree: SourceTree): BoundaryReport {
  const workspace = readWorkspace(tree);
  const reports = workspace.projects.map((project) => projectReport(project, tree, workspace));
  const modules = sum(reports.map((report) => report.modules));
  const imports = sum(reports.map((report) => report.imports));
  const findings = [
    ...declarationFindings(workspace.projects),
    ...reports.flatMap((report) => report.findings),
    ...emptinessFindings(modules, imports),
  ];
  return {
    findings: sortFindings(findings),
    projects: workspace.projects.length,
    modules,
    imports,
  };
}

type ProjectReport = {
  readonly findings: readonly Finding[];
  readonly modules: number;
  readonly imports: number;
};

function projectReport(project: Project, tree: SourceTree, workspace: Workspace): ProjectReport {
  const modules = [...tree]
    .filter(([path]) => isModulePath(path) && path.startsWith(`${project.folder}/`))
    .map(([path, text]) => parseModule(path, text));
  const imports = importFindings(project, modules, workspace);
  const product = modules.filter(({ path }) => !isDevelopmentPath(path) && !isGenerated(path));
  return {
    findings: [
      ...imports.findings,
      ...(layerOf(project.tags) === Layer.Core ? product.flatMap(purityFindings) : []),
      ...product.flatMap((module: ParsedModule) => environmentFindings(project, module)),
    ],
    modules: modules.length,
    imports: imports.importsSeen,
  };
}

function emptinessFindings(modules: number, imports: number): readonly Finding[] {
  if (modules > 0 && imports > 0) return [];
  const message = `no ${modules === 0 ? 'modules' : 'imports'} found: nothing was checked`;
  return [{ path: 'package.json', line: null, message }];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
