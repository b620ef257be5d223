/** Ports of the container and of the Service in front of it. */
import { duplicateProblems, type SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec } from '../types.ts';

const portNameLengthMax = 15;

export function portProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const ports = spec.ports ?? [];
  return [
    ...ports.flatMap((port, index) => {
      if (port.name === undefined || isPortName(port.name)) return [];
      return [{ field: `ports[${index}].name`, ...portNameRule }];
    }),
    ...duplicateProblems(
      ports,
      (port) => port.name ?? null,
      (index) => `ports[${index}].name`,
      'name',
    ),
    ...duplicateProblems(
      ports,
      (port) => `${port.containerPort}/${port.protocol ?? 'TCP'}`,
      (index) => `ports[${index}].containerPort`,
      'port',
    ),
    ...serviceProblems(spec),
  ];
}

/** The names by which probes and the Service may call the container's ports. */
export function portNames(spec: DeploymentSpec): ReadonlySet<string> {
  return new Set((spec.ports ?? []).flatMap((port) => port.name ?? []));
}

function serviceProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const ports = spec.service?.ports ?? [];
  const known = portNames(spec);
  return [
    ...ports.flatMap((port, index) => {
      const field = `service.ports[${index}]`;
      const problems: SpecProblem[] = [];
      if (port.name === undefined && ports.length > 1) {
        problems.push({
          field: `${field}.name`,
          message: 'must be set where there are several ports',
        });
      }
      if (typeof port.targetPort === 'string' && !known.has(port.targetPort)) {
        const message = `must be a number or the name of one of the ports; ${port.targetPort} is none`;
        problems.push({ field: `${field}.targetPort`, message });
      }
      return problems;
    }),
    ...duplicateProblems(
      ports,
      (port) => port.name ?? null,
      (index) => `service.ports[${index}].name`,
      'name',
    ),
    ...duplicateProblems(
      ports,
      (port) => `${port.port}/${port.protocol ?? 'TCP'}`,
      (index) => `service.ports[${index}].port`,
      'port',
    ),
  ];
}

const portNameRule = {
  message: `must be 1 to ${portNameLengthMax} lower-case letters, digits and single hyphens, with at least one letter`,
  limit: portNameLengthMax,
} as const;

/** RFC 6335, section 5.1, in lower case as Kubernetes wants it. */
function isPortName(name: string): boolean {
  return (
    name.length <= portNameLengthMax &&
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) &&
    /[a-z]/.test(name)
  );
}
