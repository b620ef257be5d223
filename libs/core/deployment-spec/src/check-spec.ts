/**
 * The rules on a spec that a JSON schema can't say: what must be unique, what must exist elsewhere in
 * the spec, what excludes what. With them, Kubernetes has nothing left to refuse in the spec itself.
 */
import { environmentProblems } from './checks/environment.ts';
import { metadataProblems } from './checks/metadata.ts';
import { portProblems } from './checks/ports.ts';
import { probeProblems } from './checks/probes.ts';
import { resourceProblems } from './checks/resources.ts';
import { rolloutProblems } from './checks/rollout.ts';
import { securityProblems } from './checks/security.ts';
import { volumeProblems } from './checks/volumes.ts';
import { reservedIdentifiers } from './names.ts';
import type { SpecProblem } from './spec-problem.ts';
import type { DeploymentSpec } from './types.ts';

const checks = [
  portProblems,
  environmentProblems,
  resourceProblems,
  probeProblems,
  metadataProblems,
  volumeProblems,
  securityProblems,
  rolloutProblems,
] as const;

/**
 * Every problem of a spec that has the right shape (the API's schema saw to that), in the order of
 * the fields above; empty where there is none.
 */
export function checkSpec(spec: DeploymentSpec): readonly SpecProblem[] {
  return checks.flatMap((check) => check(spec));
}

/**
 * What is wrong with an identifier that is an RFC 1123 label. A Service's name must begin with a
 * letter on clusters before Kubernetes 1.36 (RFC 1035), so an identifier with a Service must too.
 */
export function checkIdentifier(
  identifier: string,
  spec: Pick<DeploymentSpec, 'service'>,
): readonly SpecProblem[] {
  const field = 'identifier';
  if (reservedIdentifiers.includes(identifier)) {
    return [{ field, message: `must not be ${identifier}: the API's own routes use it` }];
  }
  return spec.service !== undefined && /^[0-9]/.test(identifier)
    ? [{ field, message: 'must begin with a letter where there is a service' }]
    : [];
}
