import { required } from '@windlass/base';
import { runWithTraceparent } from '@windlass/telemetry';
import { eventually } from '@windlass/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  adoptCreatedFields,
  classifyKubeError,
  type Deployment,
  deployments,
  type KubeClient,
  pods,
  type Resource,
  replicasOwner,
} from './index.ts';
import type { FaultProxy } from './testing/fault-proxy.ts';
import {
  configMap,
  configMaps,
  counted,
  deployment,
  type Environment,
  environmentOf,
  failureOf,
  inParallel,
  type TestClient,
  versionOf,
} from './testing/kube-fixture.ts';
import { openProxiedCluster, type ProxiedCluster } from './testing/proxied-cluster.ts';

const windlass = { fieldManager: 'windlass' };

let namespace: string;
let client: KubeClient;
let proxy: FaultProxy;
let proxied: TestClient;
let cluster: ProxiedCluster;

beforeEach(async () => {
  cluster = await openProxiedCluster();
  ({ namespace, client, proxy, proxied } = cluster);
});
afterEach(() => cluster.close());

describe('calls on a real API server', () => {
  it('creates, reads, applies, patches, lists and deletes', async () => {
    const key = { namespace, name: 'web' };
    const created = await client.create(
      deployments,
      deployment(namespace, 'web', { A: '1' }),
      windlass,
    );
    expect(created.metadata.uid).toBeDefined();
    const read = await client.get(deployments, key);
    expect(environmentOf(read)).toEqual({ A: '1' });
    const applied = await client.apply(
      deployments,
      deployment(namespace, 'other', { B: '2' }),
      windlass,
    );
    expect(environmentOf(applied)).toEqual({ B: '2' });
    const patched = await client.jsonPatch(
      deployments,
      key,
      [{ op: 'add', path: '/metadata/annotations', value: { note: 'x' } }],
      windlass,
    );
    expect(patched.metadata.annotations?.['note']).toBe('x');
    const list = await client.list(deployments, { namespace, fieldSelector: 'metadata.name=web' });
    expect(list.items.map((item) => item.metadata.name)).toEqual(['web']);
    expect(Number(list.resourceVersion)).toBeGreaterThanOrEqual(
      Number(patched.metadata.resourceVersion),
    );
    await client.delete(deployments, key);
    await eventually(async () => {
      expect(classifyKubeError(await failureOf(client.get(deployments, key)))).toBe('not-found');
    });
  });

  it('tells its version', async () => {
    expect((await client.version()).gitVersion).toMatch(/^v1\./);
  });

  it('lists page by page and all at once, within a bound', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `page-${index}`);
    await inParallel(names, 8, (name) =>
      client.create(configMaps, configMap(namespace, name), windlass),
    );
    const labelSelector = 'windlass.test/selected=yes';
    const first = await client.list(configMaps, { namespace, labelSelector, limit: 5 });
    expect(first.items.length).toBe(5);
    const second = await client.list(configMaps, {
      namespace,
      labelSelector,
      limit: 10,
      continue: first.continue,
    });
    expect(second.items.length).toBe(7);
    expect(second.continue).toBeNull();
    expect(second.resourceVersion).toBe(first.resourceVersion);
    const all = await client.listAll(configMaps, { namespace, labelSelector });
    expect(all.items.map((item) => item.metadata.name)).toEqual(expect.arrayContaining(names));
    expect(all.items.length).toBe(names.length);
    const bounded = client.listAll(configMaps, { namespace, labelSelector, itemsMax: 11 });
    expect(await failureOf(bounded)).toMatchObject({ reason: 'AnswerTooLarge' });
  });

  it('begins a whole list anew when its continue token expires under way', async () => {
    const names = Array.from({ length: 510 }, (_, index) => `page-${index}`);
    await inParallel(names, 16, (name) =>
      client.create(configMaps, configMap(namespace, name), windlass),
    );
    let expired = 0;
    proxy.fault = (request) => {
      if (!request.url.searchParams.has('continue')) return null;
      expired += 1;
      return expired > 1 ? null : { kind: 'answer', status: 410, body: '' };
    };
    const labelSelector = 'windlass.test/selected=yes';
    const all = await proxied.client.listAll(configMaps, { namespace, labelSelector });
    expect(all.items.length).toBe(510);
    expect(expired).toBe(2);
    proxy.fault = (request) =>
      request.url.searchParams.has('continue') ? { kind: 'answer', status: 410, body: '' } : null;
    const never = proxied.client.listAll(configMaps, { namespace, labelSelector });
    expect(classifyKubeError(await failureOf(never))).toBe('gone');
  });

  it('checks with dryRun and writes nothing', async () => {
    const dryRun = { ...windlass, dryRun: true };
    await client.create(deployments, deployment(namespace, 'web'), dryRun);
    await client.apply(deployments, deployment(namespace, 'web'), dryRun);
    const get = client.get(deployments, { namespace, name: 'web' });
    expect(classifyKubeError(await failureOf(get))).toBe('not-found');
  });

  it('deletes only what its preconditions name', async () => {
    const key = { namespace, name: 'a' };
    const created = await client.create(configMaps, configMap(namespace, 'a'), windlass);
    for (const preconditions of [
      { resourceVersion: '1' },
      { uid: '00000000-0000-4000-8000-000000000000' },
    ]) {
      const error = await failureOf(client.delete(configMaps, key, { preconditions }));
      expect(classifyKubeError(error)).toBe('conflict');
    }
    await client.delete(configMaps, key, { preconditions: versionOf(created) });
  });

  it('keeps its connection in order after a DELETE, whose body has a length', async () => {
    await client.create(configMaps, configMap(namespace, 'a'), windlass);
    await client.delete(configMaps, { namespace, name: 'a' });
    for (let round = 0; round < 3; round += 1) {
      expect((await client.version()).gitVersion).toMatch(/^v1\./);
      const absent = client.delete(configMaps, { namespace, name: 'absent' });
      expect((await failureOf(absent)).status).toBe(404);
    }
  });

  it('asks for the logs of a pod', async () => {
    const error = await failureOf(client.podLogs({ namespace, name: 'absent', tailLines: 5 }));
    expect(classifyKubeError(error)).toBe('not-found');
    expect(error.operation).toBe(`logs pods ${namespace}/absent`);
  });

  it('sends the trace context', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await runWithTraceparent(traceparent, () => proxied.client.version());
    expect(proxy.requests[0]?.headers['traceparent']).toBe(traceparent);
    expect(proxy.requests[0]?.headers['user-agent']).toBe('windlass');
  });

  it('counts its calls by verb, resource and outcome', async () => {
    await client.version();
    await proxied.client.version();
    await failureOf(proxied.client.get(deployments, { namespace, name: 'absent' }));
    proxy.fault = () => ({ kind: 'reset' });
    await failureOf(proxied.client.create(deployments, deployment(namespace, 'web'), windlass));
    const of = (labels: string) =>
      counted(proxied.metrics, 'kube_request_duration_seconds_count', labels);
    expect(await of('verb="get",resource="version",code="200"')).toBe(1);
    expect(await of('verb="get",resource="deployments",code="404"')).toBe(1);
    expect(await of('verb="create",resource="deployments",code="ConnectionFailed"')).toBe(1);
    expect(await of('')).toBe(3);
  });
});

/**
 * Reads the deployment and writes it, again where a controller (of the status) came in between, as
 * whoever uses versions has to.
 */
async function withFresh<Value>(
  name: string,
  write: (fresh: Deployment) => Promise<Value>,
): Promise<Value> {
  return eventually(async () => write(await client.get(deployments, { namespace, name })));
}

function adopt(name: string): Promise<Deployment> {
  return withFresh(name, (fresh) =>
    client.jsonPatch(
      deployments,
      { namespace, name },
      required(adoptCreatedFields(fresh, 'windlass'), 'adoption'),
      windlass,
    ),
  );
}

function applyFresh(name: string, environment: Environment): Promise<Deployment> {
  return withFresh(name, (fresh) =>
    client.apply(deployments, deployment(namespace, name, environment, versionOf(fresh)), windlass),
  );
}

describe('versions and owners', () => {
  it('makes an apply at an old version a conflict, and leaves the object', async () => {
    await client.create(deployments, deployment(namespace, 'web', { A: '1' }), windlass);
    const adopted = await adopt('web');
    await applyFresh('web', { A: '2' });
    const late = deployment(namespace, 'web', { A: 'late' }, versionOf(adopted));
    for (const force of [false, true]) {
      const error = await failureOf(client.apply(deployments, late, { ...windlass, force }));
      expect(classifyKubeError(error)).toBe('conflict');
    }
    const found = await client.get(deployments, { namespace, name: 'web' });
    expect(environmentOf(found)).toEqual({ A: '2' });
  });

  it('never makes an object anew that is gone, nor takes one made anew for the old one', async () => {
    const key = { namespace, name: 'web' };
    const old = await client.create(
      deployments,
      deployment(namespace, 'web', { A: '1' }),
      windlass,
    );
    await client.delete(deployments, key);
    await eventually(async () => {
      expect((await failureOf(client.get(deployments, key))).status).toBe(404);
    });
    const late = deployment(namespace, 'web', { A: 'late' }, versionOf(old));
    const apply = () => client.apply(deployments, late, { ...windlass, force: true });
    expect(classifyKubeError(await failureOf(apply()))).toBe('conflict');
    expect((await failureOf(client.get(deployments, key))).status).toBe(404);
    await client.create(deployments, deployment(namespace, 'web', { A: 'new' }), windlass);
    expect(classifyKubeError(await failureOf(apply()))).toBe('conflict');
    expect(environmentOf(await client.get(deployments, key))).toEqual({ A: 'new' });
  });

  it('removes by apply what was created by POST, once it has been adopted', async () => {
    const both = { KEPT: '1', DROPPED: '2' };
    const created = await client.create(deployments, deployment(namespace, 'web', both), windlass);
    expect(created.metadata.managedFields?.[0]).toMatchObject({ operation: 'Update' });
    // Without the adoption the field stays: that is what it's for.
    const force = { ...windlass, force: true };
    const kept = await client.apply(
      deployments,
      deployment(namespace, 'web', { KEPT: '1' }),
      force,
    );
    expect(environmentOf(kept)).toEqual(both);
    const adopted = await adopt('web');
    expect(adoptCreatedFields(adopted, 'windlass')).toBeNull();
    expect(environmentOf(await applyFresh('web', { KEPT: '1' }))).toEqual({ KEPT: '1' });
  });

  it('removes it at the first apply where the adoption comes before', async () => {
    await client.create(
      deployments,
      deployment(namespace, 'web', { KEPT: '1', DROPPED: '2' }),
      windlass,
    );
    await adopt('web');
    expect(environmentOf(await applyFresh('web', { KEPT: '1' }))).toEqual({ KEPT: '1' });
  });

  it('does not adopt an object that has changed since it was read', async () => {
    const key = { namespace, name: 'web' };
    const created = await client.create(deployments, deployment(namespace, 'web'), windlass);
    const patch = required(adoptCreatedFields(created, 'windlass'), 'adoption');
    const annotate = [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }] as const;
    await client.jsonPatch(deployments, key, annotate, { fieldManager: 'somebody' });
    const error = await failureOf(client.jsonPatch(deployments, key, patch, windlass));
    expect(classifyKubeError(error)).toBe('conflict');
  });

  it('names who owns the replicas, also after a scaling', async () => {
    const key = { namespace, name: 'web' };
    const created = await client.create(deployments, deployment(namespace, 'web'), windlass);
    expect(replicasOwner(created, 'windlass')).toMatchObject({ manager: 'windlass' });
    // As an autoscaler writes: through the scale subresource, here by its path.
    const scales: Resource = { ...deployments, plural: 'deployments/web', kind: 'Scale' };
    await client.jsonPatch(
      scales,
      { namespace, name: 'scale' },
      [{ op: 'replace', path: '/spec/replicas', value: 3 }],
      { fieldManager: 'kube-controller-manager' },
    );
    expect(replicasOwner(await client.get(deployments, key), 'windlass')).toEqual({
      manager: 'kube-controller-manager',
      operation: 'Update',
      subresource: 'scale',
    });
  });
});

describe('refusals of a real API server', () => {
  it('already-exists', async () => {
    await client.create(deployments, deployment(namespace, 'web'), windlass);
    const error = await failureOf(
      client.create(deployments, deployment(namespace, 'web'), windlass),
    );
    expect(classifyKubeError(error)).toBe('already-exists');
  });

  it('final: a namespace that is not there, for create and for apply', async () => {
    const elsewhere = {
      ...deployment(namespace, 'web'),
      metadata: { name: 'web', namespace: 'absent' },
    };
    for (const call of [client.create, client.apply]) {
      const error = await failureOf(call(deployments, elsewhere, windlass));
      expect(classifyKubeError(error)).toBe('final');
      expect(error.message).toBe('namespaces "absent" not found');
    }
  });

  it('final: an invalid object, with every bad field', async () => {
    const object = { metadata: { name: 'Bad_Name', namespace }, spec: {} };
    const error = await failureOf(client.create(deployments, object, windlass));
    expect(classifyKubeError(error)).toBe('final');
    expect(error.causes.map((cause) => cause.field)).toContain('metadata.name');
    expect(error.causes.length).toBeGreaterThan(2);
  });

  it.each([
    ['inside', { spec: { replicas: 1, nope: 1 } }],
    ['at the top', { nope: 1 }],
  ])('final: an unknown field %s, by name, for create and for apply', async (_where, fields) => {
    const object = { ...deployment(namespace, 'web'), ...fields };
    for (const call of [client.create, client.apply]) {
      const error = await failureOf(call(deployments, object, windlass));
      expect(classifyKubeError(error)).toBe('final');
      expect(error.message).toContain('nope');
    }
  });

  it('final: an object over the limit', async () => {
    const object = configMap(namespace, 'big', 'x'.repeat(4 * 1024 * 1024));
    const error = await failureOf(client.create(configMaps, object, windlass));
    expect(classifyKubeError(error)).toBe('final');
  });

  it('conflict with another manager', async () => {
    await client.apply(deployments, deployment(namespace, 'web', { A: '1' }), windlass);
    const other = { fieldManager: 'somebody' };
    const apply = client.apply(deployments, deployment(namespace, 'web', { A: '2' }), other);
    const error = await failureOf(apply);
    expect(classifyKubeError(error)).toBe('conflict');
    expect(error.causes[0]).toMatchObject({
      reason: 'FieldManagerConflict',
      message: expect.stringContaining('windlass'),
    });
  });

  it('passing: a resource that is not served, which is no absent object', async () => {
    const absent: Resource = {
      group: 'absent.example',
      version: 'v1',
      plural: 'things',
      kind: 'Thing',
      namespaced: true,
    };
    const error = await failureOf(client.get(absent, { namespace, name: 'a' }));
    expect(error.status).toBe(404);
    expect(classifyKubeError(error)).toBe('passing');
  });

  it('final: a broken continue token', async () => {
    const error = await failureOf(client.list(pods, { namespace, continue: 'broken' }));
    expect(classifyKubeError(error)).toBe('final');
  });
});
