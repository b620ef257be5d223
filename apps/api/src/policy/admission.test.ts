import type { DeploymentSpec } from '@windlass/deployment-spec';
import { describe, expect, it } from 'vitest';
import { createAdmission } from './admission.ts';

const admit = createAdmission({
  podSecurity: 'baseline',
  imagesAllowed: ['nginx'],
  imageVersionRequired: false,
  namespacesAllowed: ['default', 'team-*'],
});
const spec: DeploymentSpec = { image: 'nginx:1.27', replicas: 1 };

describe('the admission', () => {
  it('lets through what breaks no rule', () => {
    expect(admit(spec, 'web', 'team-a')).toBeNull();
  });

  it('names every violation in one answer', () => {
    const refused = admit(
      { ...spec, image: 'redis:7', securityContext: { privileged: true } },
      'web',
      'kube-system',
    );
    expect(refused?.code).toBe('policy-violation');
    expect(refused?.fields.map(({ field }) => field).sort()).toEqual([
      'image',
      'namespace',
      'securityContext.privileged',
    ]);
  });

  it('names broken rules and violations together, as not valid', () => {
    const refused = admit(
      {
        ...spec,
        image: 'redis:7',
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
        strategy: { type: 'Recreate', maxSurge: 1 } as DeploymentSpec['strategy'] & object,
      },
      'requests',
      'default',
    );
    expect(refused?.code).toBe('validation-failed');
    expect(refused?.fields.map(({ field }) => field)).toEqual([
      'identifier',
      'env[1].name',
      'strategy.maxSurge',
      'image',
    ]);
  });
});
