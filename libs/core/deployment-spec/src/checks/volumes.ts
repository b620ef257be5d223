/** Volumes and where they are mounted. */
import { quantityNanos } from '../quantity.ts';
import { duplicateProblems, exactlyOneProblem, type SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec, Volume } from '../types.ts';

export function volumeProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const volumes = spec.volumes ?? [];
  return [
    ...volumes.flatMap((volume, index) => oneVolumeProblems(volume, `volumes[${index}]`)),
    ...duplicateProblems(
      volumes,
      (volume) => volume.name,
      (index) => `volumes[${index}].name`,
      'name',
    ),
    ...duplicateProblems(
      volumes,
      (volume) => volume.mountPath,
      (index) => `volumes[${index}].mountPath`,
      'path',
    ),
  ];
}

function oneVolumeProblems(volume: Volume, field: string): readonly SpecProblem[] {
  const problems = [...exactlyOneProblem(volume, ['configMap', 'secret', 'emptyDir'], field)];
  if (!volume.mountPath.startsWith('/')) {
    problems.push({ field: `${field}.mountPath`, message: 'must be an absolute path' });
  }
  if (volume.mountPath.includes(':')) {
    problems.push({ field: `${field}.mountPath`, message: "must not contain ':'" });
  }
  const subPath = volume.subPath ?? '';
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) {
    const message = "must be a relative path without '..'";
    problems.push({ field: `${field}.subPath`, message });
  }
  const sizeLimit = volume.emptyDir?.sizeLimit;
  if (sizeLimit !== undefined && quantityNanos(sizeLimit) === null) {
    const message = 'must be a quantity such as 64Mi, at least 0';
    problems.push({ field: `${field}.emptyDir.sizeLimit`, message });
  }
  return problems;
}
