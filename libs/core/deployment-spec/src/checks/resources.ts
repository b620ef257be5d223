/** Resource requests and limits. */
import { quantityNanos } from '../quantity.ts';
import { memberPath, type SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec, Quantities } from '../types.ts';
import { isQualifiedName } from './metadata.ts';

const plainNames: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const nanosPerUnit = 10n ** 9n;
const nanosPerMilli = 10n ** 6n;

export function resourceProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const requests = spec.resources?.requests ?? {};
  const limits = spec.resources?.limits ?? {};
  return [
    ...quantityProblems(requests, 'resources.requests'),
    ...quantityProblems(limits, 'resources.limits'),
    ...Object.entries(requests).flatMap(([name, request]) =>
      pairProblems(name, request, limits[name]),
    ),
    ...Object.keys(limits).flatMap((name) => missingRequestProblems(name, requests)),
  ];
}

function quantityProblems(quantities: Quantities, parent: string): readonly SpecProblem[] {
  return Object.entries(quantities).flatMap(([name, text]) => {
    const field = memberPath(parent, name);
    const problems: SpecProblem[] = [];
    if (!isResourceName(name)) {
      const message =
        'must be cpu, memory, ephemeral-storage, hugepages-<size> or an extended resource such as example.com/name';
      problems.push({ field, message });
    }
    const nanos = quantityNanos(text);
    if (nanos === null) {
      problems.push({
        field,
        message: 'must be a quantity such as 250m, 1.5 or 128Mi, at least 0',
      });
    } else if (name === 'cpu' && nanos % nanosPerMilli !== 0n) {
      problems.push({ field, message: 'must not be finer than 1m', limit: '1m' });
    } else if (isIndivisible(name) && nanos % nanosPerUnit !== 0n) {
      problems.push({ field, message: 'must be a whole number' });
    }
    return problems;
  });
}

/** Only where both are well formed: anything else has been said already. */
function pairProblems(
  name: string,
  request: string,
  limit: string | undefined,
): readonly SpecProblem[] {
  const field = memberPath('resources.requests', name);
  if (limit === undefined) {
    return isIndivisible(name) ? [{ field, message: 'must come with an equal limit' }] : [];
  }
  const [requestNanos, limitNanos] = [quantityNanos(request), quantityNanos(limit)];
  if (requestNanos === null || limitNanos === null) return [];
  if (isIndivisible(name) && requestNanos !== limitNanos) {
    return [{ field, message: `must equal the limit ${limit}`, limit }];
  }
  return requestNanos > limitNanos
    ? [{ field, message: `must be at most the limit ${limit}`, limit }]
    : [];
}

/** Huge pages need cpu or memory beside them (Kubernetes refuses the pod otherwise). */
function missingRequestProblems(name: string, requests: Quantities): readonly SpecProblem[] {
  const hugePages = name.startsWith('hugepages-');
  if (!hugePages || requests['cpu'] !== undefined || requests['memory'] !== undefined) return [];
  const message = 'must come with a request for cpu or memory';
  return [{ field: memberPath('resources.limits', name), message }];
}

function isResourceName(name: string): boolean {
  return (
    plainNames.has(name) ||
    /^hugepages-[0-9]+(?:[KMGTPE]i)?$/.test(name) ||
    (name.includes('/') && isQualifiedName(name) && !/(?:^|\.)kubernetes\.io\//.test(name))
  );
}

/** Huge pages and extended resources can't be overcommitted. */
function isIndivisible(name: string): boolean {
  return !plainNames.has(name);
}
