/**
 * Whether a spec may be queued: the rules that a JSON schema can't say, then the operator's policy.
 * Everything that is wrong is named in one answer.
 */
import { checkPolicy, type SafetyPolicy } from '@windlass/deployment-safety';
import { checkIdentifier, checkSpec, type DeploymentSpec } from '@windlass/deployment-spec';
import { type FieldProblem, WindlassError } from '@windlass/errors';
import type { ApiSettings } from '../config.ts';

export type Admission = (
  spec: DeploymentSpec,
  identifier: string,
  namespace: string,
) => WindlassError | null;

/** Null where the spec may be queued; else `validation-failed` or, where only that, `policy-violation`. */
export function createAdmission(policy: SafetyPolicy): Admission {
  return (spec, identifier, namespace) => {
    const problems: readonly FieldProblem[] = [
      ...checkIdentifier(identifier, spec),
      ...checkSpec(spec),
      ...strategyProblems(spec),
    ];
    const violations: readonly FieldProblem[] = checkPolicy(spec, namespace, policy).map(
      ({ field, message, rule }) => ({ field, message: `${message} (rule: ${rule})` }),
    );
    if (problems.length > 0) {
      return new WindlassError('validation-failed', 'Fields of the deployment break their rules.', {
        fields: [...problems, ...violations],
      });
    }
    if (violations.length > 0) {
      return new WindlassError('policy-violation', 'The policy of this installation refuses it.', {
        fields: violations,
      });
    }
    return null;
  };
}

export function safetyPolicyOf(settings: ApiSettings): SafetyPolicy {
  return {
    podSecurity: settings.podSecurity,
    imagesAllowed: settings.imageAllowList,
    imageVersionRequired: settings.imageVersionRequired,
    namespacesAllowed: settings.namespaceAllowList,
  };
}

/** The schema describes both kinds of strategy as one; what only one of them has is checked here. */
function strategyProblems(spec: DeploymentSpec): readonly FieldProblem[] {
  if (spec.strategy?.type !== 'Recreate') return [];
  return ['maxSurge', 'maxUnavailable']
    .filter((name) => spec.strategy !== undefined && name in spec.strategy)
    .map((name) => ({
      field: `strategy.${name}`,
      message: 'must only be set where the type is RollingUpdate',
    }));
}
