import { describe, expect, it } from 'vitest';
import { operationSpec } from './operation-spec.ts';
import type { DeploymentSpec } from './types.ts';

const current: DeploymentSpec = { image: 'nginx:1.28', replicas: 4, args: ['-v'] };

describe('operationSpec', () => {
  it('scales', () => {
    expect(operationSpec('SCALE', current, { replicas: 0 })).toEqual({ ...current, replicas: 0 });
  });

  it('restarts by a time that is given', () => {
    const nowMs = Date.UTC(2031, 1, 3, 4, 5, 6);
    expect(operationSpec('RESTART', current, { nowMs })).toEqual({
      ...current,
      restartedAt: '2031-02-03T04:05:06.000Z',
    });
  });

  it('resumes to what it was before it was paused', () => {
    const paused = operationSpec('PAUSE', current);
    expect(paused).toEqual({ ...current, paused: true });
    expect(operationSpec('RESUME', paused)).toEqual(current);
  });

  it('rolls back to another spec, but not its number of replicas', () => {
    const spec = { image: 'nginx:1.27', replicas: 1, restartedAt: '2030-01-01T00:00:00.000Z' };
    expect(operationSpec('ROLLBACK', current, { spec })).toEqual({ ...spec, replicas: 4 });
  });

  it('neither holds nor lets go a rollout by rolling back', () => {
    const held = { ...current, paused: true };
    const spec = { image: 'nginx:1.27', replicas: 1 };
    expect(operationSpec('ROLLBACK', held, { spec })).toEqual({
      ...spec,
      replicas: 4,
      paused: true,
    });
    expect(operationSpec('ROLLBACK', current, { spec: { ...spec, paused: true } })).toEqual({
      ...spec,
      replicas: 4,
    });
  });
});
