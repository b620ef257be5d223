import type { DeploymentSpec } from '@windlass/deployment-spec';
import { imageViolations } from './images.ts';
import { namespaceViolations } from './namespaces.ts';
import { podSecurityViolations } from './pod-security.ts';
import type { SafetyPolicy, Violation } from './policy.ts';

/**
 * Everything that the policy refuses about a spec in a namespace: the namespace, the image, then
 * the Pod Security Standard. Empty where it may be queued.
 */
export function checkPolicy(
  spec: DeploymentSpec,
  namespace: string,
  policy: SafetyPolicy,
): readonly Violation[] {
  return [
    ...namespaceViolations(namespace, policy),
    ...imageViolations(spec, policy),
    ...podSecurityViolations(spec, policy.podSecurity),
  ];
}
