/** How a new revision replaces the old one. */
import type { SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec, Strategy } from '../types.ts';

/** What Kubernetes takes where the spec names none. */
const progressDeadlineSecondsDefault = 600;

export function rolloutProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  return [
    ...(spec.strategy === undefined ? [] : strategyProblems(spec.strategy)),
    ...deadlineProblems(spec),
  ];
}

function strategyProblems(strategy: Strategy): readonly SpecProblem[] {
  if (strategy.type === 'Recreate') return [];
  const bounds = ['maxSurge', 'maxUnavailable'] as const;
  const malformed = bounds.flatMap((name) => {
    const bound = strategy[name];
    if (typeof bound !== 'string' || percentOf(bound) !== null) return [];
    const message = 'must be a whole number or a percentage such as 25%';
    return [{ field: `strategy.${name}`, message }];
  });
  const unavailable = strategy.maxUnavailable;
  if (typeof unavailable === 'string' && (percentOf(unavailable) ?? 0) > 100) {
    const message = 'must be at most 100%';
    return [...malformed, { field: 'strategy.maxUnavailable', message, limit: '100%' }];
  }
  // Left out, either one is 25%.
  if (bounds.every((name) => isZero(strategy[name]))) {
    const message = 'must not be 0 while maxSurge is 0: no pod could ever be replaced';
    return [...malformed, { field: 'strategy.maxUnavailable', message }];
  }
  return malformed;
}

function isZero(bound: number | string | undefined): boolean {
  return typeof bound === 'string' ? percentOf(bound) === 0 : bound === 0;
}

function percentOf(text: string): number | null {
  return /^[0-9]{1,6}%$/.test(text) ? Number(text.slice(0, -1)) : null;
}

function deadlineProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const minReadySeconds = spec.minReadySeconds ?? 0;
  const deadlineSeconds = spec.progressDeadlineSeconds ?? progressDeadlineSecondsDefault;
  if (deadlineSeconds > minReadySeconds) return [];
  const message = `must be more than minReadySeconds (${minReadySeconds}); it is ${progressDeadlineSecondsDefault} where none is given`;
  return [{ field: 'progressDeadlineSeconds', message }];
}
