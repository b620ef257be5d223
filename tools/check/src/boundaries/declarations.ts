/** What package.json files say: layers, versions, and no circles. */
import type { Finding } from '../finding.ts';
import type { Project } from '../workspace.ts';
import { allowedLayers, layerOf } from './layers.ts';

export function declarationFindings(projects: readonly Project[]): readonly Finding[] {
  const byName = new Map(projects.map((project) => [project.name, project]));
  return [
    ...projects.flatMap((project) => projectFindings(project, byName)),
    ...versionFindings(projects),
    ...circleFindings(projects, byName),
  ];
}

function projectFindings(
  project: Project,
  byName: ReadonlyMap<string, Project>,
): readonly Finding[] {
  const report = (message: string): Finding => ({ path: manifestOf(project), line: null, message });
  const layer = layerOf(project.tags);
  if (layer === null) return [report('needs exactly one tag layer:<layer> that exists')];
  return [...project.dependencies.keys()].flatMap((name) => {
    const target = byName.get(name);
    const targetLayer = target === undefined ? null : layerOf(target.tags);
    if (targetLayer === null || allowedLayers[layer].includes(targetLayer)) return [];
    return [report(`${layer} may not depend on ${targetLayer} (${name})`)];
  });
}

/** Exact, so that an install is the same on every day; and one version of each package. */
function versionFindings(projects: readonly Project[]): readonly Finding[] {
  const first = new Map<string, { readonly version: string; readonly project: Project }>();
  return projects.flatMap((project) =>
    [...project.dependencies, ...project.devDependencies].flatMap(([name, version]) => {
      const path = manifestOf(project);
      if (!/^(?:npm:(?:@[^@/]+\/)?[^@/]+@)?[0-9]+\.[0-9]+\.[0-9]+(?:[-+].+)?$/.test(version)) {
        return [{ path, line: null, message: `must name an exact version of ${name}` }];
      }
      const other = first.get(name) ?? { version, project };
      first.set(name, other);
      if (other.version === version) return [];
      const message = `has ${name} ${version}, ${other.project.folder} has ${other.version}`;
      return [{ path, line: null, message }];
    }),
  );
}

function circleFindings(
  projects: readonly Project[],
  byName: ReadonlyMap<string, Project>,
): readonly Finding[] {
  return projects.flatMap((project) => {
    const reached = reachableFrom(project, byName);
    if (!reached.has(project.name)) return [];
    return [
      { path: manifestOf(project), line: null, message: 'depends on itself by way of others' },
    ];
  });
}

function reachableFrom(
  project: Project,
  byName: ReadonlyMap<string, Project>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = [...project.dependencies.keys()];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const target = byName.get(name);
    if (target === undefined || reached.has(name)) continue;
    reached.add(name);
    pending.push(...target.dependencies.keys());
  }
  return reached;
}

export function manifestOf(project: Project): string {
  return `${project.folder}/package.json`;
}
