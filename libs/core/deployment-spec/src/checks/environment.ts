/** Environment variables and image pull secrets. */
import { duplicateProblems, exactlyOneProblem, type SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec } from '../types.ts';

export function environmentProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const env = spec.env ?? [];
  const pullSecrets = spec.imagePullSecrets ?? [];
  return [
    ...env.flatMap((variable, index) => [
      ...nameProblems(variable.name, `env[${index}].name`),
      ...exactlyOneProblem(variable, ['value', 'secretKeyRef', 'configMapKeyRef'], `env[${index}]`),
    ]),
    // Kubernetes lets the last one win, but server-side apply refuses a list with repeated keys.
    ...duplicateProblems(
      env,
      (variable) => variable.name,
      (index) => `env[${index}].name`,
      'variable',
    ),
    ...duplicateProblems(
      pullSecrets,
      (name) => name,
      (index) => `imagePullSecrets[${index}]`,
      'secret',
    ),
  ];
}

/** The rule that every supported Kubernetes has; newer ones allow more. */
function nameProblems(name: string, field: string): readonly SpecProblem[] {
  if (/^[-._A-Za-z][-._A-Za-z0-9]*$/.test(name) && name !== '.' && !name.startsWith('..'))
    return [];
  const message =
    "must consist of letters, digits, '_', '-' and '.', and not begin with a digit or with '..'";
  return [{ field, message }];
}
