import { describe, expect, it } from 'vitest';
import {
  apiVersionOf,
  collectionPath,
  deployments,
  namespaces,
  objectPath,
  pods,
} from './resources.ts';

describe('paths of resources', () => {
  it('puts the core group below /api and the others below /apis', () => {
    expect(collectionPath(pods, 'default')).toBe('/api/v1/namespaces/default/pods');
    expect(collectionPath(deployments, 'default')).toBe(
      '/apis/apps/v1/namespaces/default/deployments',
    );
    expect(apiVersionOf(pods)).toBe('v1');
    expect(apiVersionOf(deployments)).toBe('apps/v1');
  });

  it('leaves the namespace out for all namespaces and for what has none', () => {
    expect(collectionPath(deployments, null)).toBe('/apis/apps/v1/deployments');
    expect(objectPath(namespaces, null, 'a')).toBe('/api/v1/namespaces/a');
  });

  it('escapes names, so that none can reach another path', () => {
    expect(objectPath(pods, 'a/../b', '../../version?x')).toBe(
      '/api/v1/namespaces/a%2F..%2Fb/pods/..%2F..%2Fversion%3Fx',
    );
  });

  it('never makes the path of a collection from an empty name', () => {
    expect(() => objectPath(pods, 'default', '')).toThrow(/empty/);
    expect(() => objectPath(pods, '', 'web')).toThrow(/empty/);
    expect(() => objectPath(pods, null, 'web')).toThrow(/need a namespace/);
    expect(() => collectionPath(namespaces, 'default')).toThrow(/have no namespace/);
  });
});
