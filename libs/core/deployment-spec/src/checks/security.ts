/** Combinations in a security context that Kubernetes itself refuses. */
import type { SpecProblem } from '../spec-problem.ts';
import type { DeploymentSpec, SecurityContext } from '../types.ts';

export function securityProblems(spec: DeploymentSpec): readonly SpecProblem[] {
  const context = spec.securityContext;
  if (context === undefined) return [];
  return [...escalationProblems(context), ...seccompProblems(context)];
}

function escalationProblems(context: SecurityContext): readonly SpecProblem[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  const field = 'securityContext.allowPrivilegeEscalation';
  const added = context.capabilities?.add ?? [];
  const problems: SpecProblem[] = [];
  if (context.privileged === true) {
    problems.push({ field, message: 'must not be false while privileged is true' });
  }
  if (added.some((name) => name === 'SYS_ADMIN' || name === 'CAP_SYS_ADMIN')) {
    problems.push({ field, message: 'must not be false while the capability SYS_ADMIN is added' });
  }
  return problems;
}

function seccompProblems(context: SecurityContext): readonly SpecProblem[] {
  const profile = context.seccompProfile;
  if (profile === undefined) return [];
  const field = 'securityContext.seccompProfile.localhostProfile';
  const path = profile.localhostProfile;
  if (profile.type !== 'Localhost') {
    return path === undefined
      ? []
      : [{ field, message: 'must only be set where the type is Localhost' }];
  }
  if (path === undefined || path === '') {
    return [{ field, message: 'must be set where the type is Localhost' }];
  }
  return path.startsWith('/') || path.split('/').includes('..')
    ? [{ field, message: "must be a relative path without '..'" }]
    : [];
}
