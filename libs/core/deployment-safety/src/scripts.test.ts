import { type Directive, runScripts } from '@windlass/testkit';
import { checkPolicy } from './check-policy.ts';
import { PodSecurityLevel, type SafetyPolicy } from './policy.ts';

await runScripts(new URL('./testdata/', import.meta.url), () => run);

/** `check` with the policy as arguments (open where left out), and a spec's members as JSON. */
function run(directive: Directive): string {
  if (directive.name !== 'check') throw new Error(`${directive.location}: no such directive`);
  const spec = { image: 'nginx:1.27', replicas: 1, ...JSON.parse(directive.input || '{}') };
  const namespace = directive.named.get('namespace')?.[0] ?? 'default';
  const violations = checkPolicy(spec, namespace, readPolicy(directive));
  return violations.map(({ rule, field, message }) => `${rule}: ${field} ${message}`).join('\n');
}

function readPolicy({ named, positional }: Directive): SafetyPolicy {
  const level = named.get('level')?.[0];
  return {
    podSecurity:
      Object.values(PodSecurityLevel).find((known) => known === level) ??
      PodSecurityLevel.Privileged,
    imagesAllowed: named.get('images') ?? [],
    imageVersionRequired: positional.includes('version-required'),
    namespacesAllowed: named.get('namespaces') ?? [],
  };
}
