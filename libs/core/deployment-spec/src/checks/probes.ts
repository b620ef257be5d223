/** Liveness, readiness and startup probes. */
import { exactlyOneProblem, type SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec, Probe } from '../types.ts';
import { portNames } from './ports.ts';

const probeFields = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

export function probeProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const known = portNames(spec);
  return probeFields.flatMap((field) => {
    const probe = spec[field];
    if (probe === undefined) return [];
    return [
      ...exactlyOneProblem(probe, ['httpGet', 'tcpSocket', 'grpc', 'exec'], field),
      ...portProblems(probe, known, field),
      ...thresholdProblems(probe, field),
    ];
  });
}

function portProblems(
  probe: Probe,
  known: ReadonlySet<string>,
  field: string,
): readonly SpecProblem[] {
  return (['httpGet', 'tcpSocket'] as const).flatMap((kind) => {
    const port = probe[kind]?.port;
    if (typeof port !== 'string' || known.has(port)) return [];
    const message = `must be a number or the name of one of the ports; ${port} is none`;
    return [{ field: `${field}.${kind}.port`, message }];
  });
}

/** One success ends a failing liveness or startup probe; Kubernetes refuses anything else. */
function thresholdProblems(
  probe: Probe,
  field: (typeof probeFields)[number],
): readonly SpecProblem[] {
  if (field === 'readinessProbe' || (probe.successThreshold ?? 1) === 1) return [];
  return [{ field: `${field}.successThreshold`, message: 'must be 1', limit: 1 }];
}
