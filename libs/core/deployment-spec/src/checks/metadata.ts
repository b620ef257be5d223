/** Labels and annotations: Kubernetes' syntax and sizes, and the names that aren't the user's. */
import { memberPath, type SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec } from '../types.ts';

const nameLengthMax = 63;
const prefixLengthMax = 253;
const labelValueLengthMax = 63;
/**
 * Kubernetes allows 256 KiB for all annotations of an object together. 4 KiB of them are kept for
 * Windlass's own and for those of the controllers.
 */
const annotationBytesMax = 252 * 1024;

/** Names under app.kubernetes.io that Windlass itself sets. */
const ownNames: ReadonlySet<string> = new Set([
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/name',
]);
/** Under the reserved domains, but meant for users. */
const openPrefixes: ReadonlySet<string> = new Set([
  'app.kubernetes.io',
  'cluster-autoscaler.kubernetes.io',
]);
/** These and everything below them belong to Windlass, to Kubernetes and to its controllers. */
const reservedDomains = ['windlass.dev', 'kubernetes.io', 'k8s.io'] as const;

export function metadataProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const labels = Object.entries(spec.labels ?? {});
  const annotations = Object.entries(spec.annotations ?? {});
  return [
    ...labels.flatMap(([key, value]) => {
      const field = memberPath('labels', key);
      return [...keyProblems(key, field), ...labelValueProblems(value, field)];
    }),
    ...annotations.flatMap(([key]) => keyProblems(key, memberPath('annotations', key))),
    ...annotationSizeProblems(annotations),
  ];
}

function keyProblems(key: string, field: string): readonly SpecProblem[] {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? null : key.slice(0, slash);
  const problems: SpecProblem[] = [];
  if (!isQualifiedName(key)) {
    const name = `1 to ${nameLengthMax} letters, digits, -, _ and .`;
    const message = `must be named by ${name}, beginning and ending with a letter or digit, after an optional DNS domain and /`;
    problems.push({ field, message });
  }
  if (isReserved(key, prefix)) {
    problems.push({
      field,
      message: 'must not use a name that Windlass or Kubernetes sets itself',
    });
  }
  return problems;
}

/** True for a label or annotation name, and for the name of an extended resource. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const prefix = slash < 0 ? null : key.slice(0, slash);
  return isName(name) && (prefix === null || isDomain(prefix));
}

function isReserved(key: string, prefix: string | null): boolean {
  if (prefix === null) return false;
  if (ownNames.has(key)) return true;
  if (openPrefixes.has(prefix)) return false;
  return reservedDomains.some((domain) => prefix === domain || prefix.endsWith(`.${domain}`));
}

function isName(name: string): boolean {
  return name.length <= nameLengthMax && /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(name);
}

function isDomain(prefix: string): boolean {
  const labels = prefix.split('.');
  return (
    prefix.length <= prefixLengthMax &&
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label))
  );
}

function labelValueProblems(value: string, field: string): readonly SpecProblem[] {
  if (value === '' || (value.length <= labelValueLengthMax && isName(value))) return [];
  return [
    {
      field,
      message: `must have a value of at most ${labelValueLengthMax} letters, digits, -, _ and ., beginning and ending with a letter or digit`,
      limit: labelValueLengthMax,
    },
  ];
}

function annotationSizeProblems(
  annotations: readonly (readonly [string, string])[],
): readonly SpecProblem[] {
  const encoder = new TextEncoder();
  const bytes = annotations
    .map(([key, value]) => encoder.encode(key).length + encoder.encode(value).length)
    .reduce((sum, size) => sum + size, 0);
  if (bytes <= annotationBytesMax) return [];
  const message = `must be at most ${annotationBytesMax} bytes together, names included`;
  return [{ field: 'annotations', message, limit: annotationBytesMax }];
}
