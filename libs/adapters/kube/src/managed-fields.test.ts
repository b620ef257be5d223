import { describe, expect, it } from 'vitest';
import { adoptCreatedFields, replicasOwner } from './managed-fields.ts';
import type { KubeObject, ManagedFieldsEntry } from './objects.ts';

function objectWith(...managedFields: readonly ManagedFieldsEntry[]): KubeObject {
  return { metadata: { name: 'web', namespace: 'a', resourceVersion: '7', managedFields } };
}

const created: ManagedFieldsEntry = {
  manager: 'windlass',
  operation: 'Update',
  apiVersion: 'apps/v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:a': {} } } } },
};
const applied: ManagedFieldsEntry = {
  manager: 'windlass',
  operation: 'Apply',
  apiVersion: 'apps/v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:b': {} } } } },
};
const status: ManagedFieldsEntry = {
  manager: 'kube-controller-manager',
  operation: 'Update',
  apiVersion: 'apps/v1',
  subresource: 'status',
  fieldsV1: { 'f:status': {} },
};
const version = { op: 'replace', path: '/metadata/resourceVersion', value: '7' };

describe('adoptCreatedFields', () => {
  it('turns what was created into what was applied, bound to the version that was read', () => {
    expect(adoptCreatedFields(objectWith(created, status), 'windlass')).toEqual([
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [{ ...created, operation: 'Apply' }, status],
      },
      version,
    ]);
  });

  it('joins it with what was applied before', () => {
    expect(adoptCreatedFields(objectWith(created, applied), 'windlass')).toEqual([
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [
          {
            ...applied,
            fieldsV1: {
              'f:spec': {
                'f:replicas': {},
                'f:template': { 'f:spec': { 'f:a': {}, 'f:b': {} } },
              },
            },
          },
        ],
      },
      version,
    ]);
  });

  it('drops fields under the names of another API version', () => {
    const older = { ...created, apiVersion: 'apps/v1beta1', fieldsV1: { 'f:old': {} } };
    expect(adoptCreatedFields(objectWith(created, older), 'windlass')?.[0]).toMatchObject({
      value: [{ ...created, operation: 'Apply' }],
    });
  });

  it('gives null where there is nothing to turn', () => {
    expect(adoptCreatedFields(objectWith(applied, status), 'windlass')).toBeNull();
    expect(adoptCreatedFields(objectWith(created), 'somebody')).toBeNull();
    expect(adoptCreatedFields(objectWith(), 'windlass')).toBeNull();
    expect(adoptCreatedFields({ metadata: { name: 'web' } }, 'windlass')).toBeNull();
  });

  it("leaves the manager's own subresources and its input alone", () => {
    const ownStatus = { ...status, manager: 'windlass' };
    const input = objectWith(created, ownStatus);
    const before = structuredClone(input);
    expect(adoptCreatedFields(input, 'windlass')?.[0]).toMatchObject({
      value: [{ operation: 'Apply' }, ownStatus],
    });
    expect(input).toEqual(before);
    expect(adoptCreatedFields(objectWith(ownStatus), 'windlass')).toBeNull();
  });
});

describe('replicasOwner', () => {
  const scaled: ManagedFieldsEntry = {
    manager: 'kube-controller-manager',
    operation: 'Update',
    subresource: 'scale',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  };

  it('is null where nobody set them', () => {
    expect(replicasOwner(objectWith(applied, status))).toBeNull();
    expect(replicasOwner({ metadata: {} })).toBeNull();
  });

  it('is whoever set them', () => {
    expect(replicasOwner(objectWith(status, created))).toEqual({
      manager: 'windlass',
      operation: 'Update',
      subresource: null,
    });
  });

  it('is the autoscaler where several share them', () => {
    expect(replicasOwner(objectWith(created, scaled), 'windlass')).toEqual({
      manager: 'kube-controller-manager',
      operation: 'Update',
      subresource: 'scale',
    });
  });

  it('is somebody else rather than the asking manager', () => {
    const edited = { ...created, manager: 'kubectl-edit' };
    expect(replicasOwner(objectWith(created, edited), 'windlass')?.manager).toBe('kubectl-edit');
    expect(replicasOwner(objectWith(created), 'windlass')?.manager).toBe('windlass');
  });
});
