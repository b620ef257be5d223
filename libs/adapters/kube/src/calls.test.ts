import { describe, expect, it } from 'vitest';
import {
  applyRequest,
  createRequest,
  deleteRequest,
  jsonPatchRequest,
  listRequest,
  podLogsRequest,
  watchRequest,
} from './calls.ts';
import type { HttpRequest } from './http-exchange.ts';
import { deployments, namespaces } from './resources.ts';

const web = { metadata: { name: 'web', namespace: 'shop' }, spec: { replicas: 1 } };
const key = { namespace: 'shop', name: 'web' };

function queryOf(path: string): Record<string, string> {
  return Object.fromEntries(new URL(path, 'http://api').searchParams);
}

function applyOf(metadata: object): HttpRequest {
  const object = { ...web, metadata: { ...web.metadata, ...metadata } };
  return applyRequest(deployments, object, { fieldManager: 'windlass' });
}

describe('requests of the calls', () => {
  it('creates with POST, strictly and as the field manager', () => {
    const request = createRequest(deployments, web, { fieldManager: 'windlass', dryRun: true });
    expect(request.method).toBe('POST');
    expect(request.path).toMatch(/^\/apis\/apps\/v1\/namespaces\/shop\/deployments\?/);
    expect(queryOf(request.path)).toEqual({
      fieldManager: 'windlass',
      fieldValidation: 'Strict',
      dryRun: 'All',
    });
    expect(JSON.parse(request.body ?? '')).toEqual({
      ...web,
      apiVersion: 'apps/v1',
      kind: 'Deployment',
    });
  });

  it('applies with its own patch type, forced only when asked', () => {
    const request = applyRequest(deployments, web, { fieldManager: 'windlass' });
    expect(request.method).toBe('PATCH');
    expect(request.headers['Content-Type']).toBe('application/apply-patch+yaml');
    expect(queryOf(request.path)['force']).toBeUndefined();
    const forced = applyRequest(deployments, web, { fieldManager: 'windlass', force: true });
    expect(queryOf(forced.path)['force']).toBe('true');
  });

  it('refuses to apply at a version without the uid, which would make an absent object anew', () => {
    expect(() => applyOf({ resourceVersion: '7' })).toThrow(/uid/);
    expect(() => applyOf({ uid: 'u' })).toThrow(/resourceVersion/);
    expect(JSON.parse(applyOf({ uid: 'u', resourceVersion: '7' }).body ?? '').metadata).toEqual({
      name: 'web',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '7',
    });
  });

  it('patches with RFC 6902', () => {
    const operations = [{ op: 'remove', path: '/metadata/labels/a' }] as const;
    const request = jsonPatchRequest(deployments, key, operations, { fieldManager: 'windlass' });
    expect(request.headers['Content-Type']).toBe('application/json-patch+json');
    expect(JSON.parse(request.body ?? '')).toEqual(operations);
  });

  it('deletes with preconditions and a propagation policy', () => {
    const request = deleteRequest(deployments, key, {
      preconditions: { uid: 'u', resourceVersion: '7' },
    });
    expect(request.method).toBe('DELETE');
    expect(JSON.parse(request.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid: 'u', resourceVersion: '7' },
    });
  });

  it('lists with selectors and a continue token', () => {
    const request = listRequest(
      deployments,
      { namespace: null, labelSelector: 'a=b,c in (d)', fieldSelector: 'metadata.name=web' },
      { limit: 10, continue: 'token', metadataOnly: true },
    );
    expect(queryOf(request.path)).toEqual({
      limit: '10',
      continue: 'token',
      labelSelector: 'a=b,c in (d)',
      fieldSelector: 'metadata.name=web',
    });
    expect(request.headers['Accept']).toContain('PartialObjectMetadataList');
  });

  it('watches with bookmarks from a version', () => {
    const request = watchRequest(deployments, { namespace: 'shop', labelSelector: 'a=b' }, '7', 12);
    expect(queryOf(request.path)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
      timeoutSeconds: '12',
      labelSelector: 'a=b',
    });
  });

  it('bounds the logs that it asks for', () => {
    expect(queryOf(podLogsRequest(key, {}).path)).toEqual({ limitBytes: '262144' });
    const all = { container: 'c', tailLines: 0, sinceSeconds: 5, previous: true, timestamps: true };
    expect(queryOf(podLogsRequest(key, { ...all, limitBytes: 1 }).path)).toEqual({
      container: 'c',
      tailLines: '0',
      limitBytes: '1',
      sinceSeconds: '5',
      previous: 'true',
      timestamps: 'true',
    });
    expect(() => podLogsRequest(key, { limitBytes: 100_000_000 })).toThrow(/limitBytes/);
    expect(() => podLogsRequest(key, { tailLines: 100_000 })).toThrow(/tailLines/);
  });

  it('names what it is about', () => {
    expect(deleteRequest(deployments, key, {}).subject).toEqual({
      verb: 'delete',
      resource: 'deployments',
      kind: 'Deployment',
      target: 'shop/web',
    });
    const namespace = createRequest(
      namespaces,
      { metadata: { name: 'shop' } },
      { fieldManager: 'windlass' },
    );
    expect(namespace.subject.target).toBe('shop');
    expect(namespace.path).toMatch(/^\/api\/v1\/namespaces\?/);
  });
});
