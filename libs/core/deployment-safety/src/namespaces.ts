/** Into which namespaces deployments may go. */
import type { SafetyPolicy, Violation } from './policy.ts';
import { matchesWildcard } from './wildcard.ts';

/** Kubernetes' own: whoever runs pods there can take the cluster over. */
export const reservedNamespaces: readonly string[] = [
  'kube-node-lease',
  'kube-public',
  'kube-system',
];

export function namespaceViolations(
  namespace: string,
  policy: Pick<SafetyPolicy, 'namespacesAllowed'>,
): readonly Violation[] {
  const { namespacesAllowed } = policy;
  const field = 'namespace';
  if (reservedNamespaces.includes(namespace) && !namespacesAllowed.includes(namespace)) {
    const message = `must not be ${namespace}: it belongs to Kubernetes`;
    return [{ rule: 'Reserved Namespace', field, message }];
  }
  const allowed =
    namespacesAllowed.length === 0 ||
    namespacesAllowed.some((pattern) => matchesWildcard(pattern, namespace));
  if (allowed) return [];
  const message = `must be one of the allowed namespaces; ${namespace} is none of them`;
  return [{ rule: 'Namespace Allow-List', field, message }];
}
