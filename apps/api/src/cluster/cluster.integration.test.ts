/** Dry runs, pods, events and logs against a real API server with KWOK's nodes. */
import { hash } from 'node:crypto';
import { required } from '@windlass/base';
import { toDeployment, userLabelValue } from '@windlass/deployment-spec';
import { connectKube, deployments, events, type KubeClient, pods } from '@windlass/kube';
import { createLog, createMetrics } from '@windlass/telemetry';
import { eventually, testKubernetes } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { endOldest, showDeployment } from '../testing/worker-stand-in.ts';

const create = '/api/v1/deployments/requests/create';
const requests = '/api/v1/deployments/requests';
const deploymentsPath = '/api/v1/deployments';
const fieldManager = 'windlass';
let api: TestApi;
let kube: KubeClient;

beforeAll(async () => {
  api = await startTestApi({ kubernetes: true });
  const { kubeconfigPath, drop } = await testKubernetes();
  await drop();
  const log = createLog({ app: 'test', level: 'error', format: 'json' });
  kube = await connectKube({ kubeconfigPath, context: null, log, metrics: createMetrics('test') });
});
afterAll(async () => {
  kube.close();
  await api.stop();
});

/** Creates a deployment as the worker would, in the cluster too. */
async function running(identifier: string, more: object = {}) {
  const made = await api.call('alice', 'POST', create, {
    body: { identifier, image: 'nginx:1.27', ...more },
  });
  expect(made.status).toBe(202);
  const record = required(
    await api.store.getRequest({ userId: null }, made.body.id),
    'the request',
  );
  const { id: requestId, namespace, userId, revision } = record;
  const userLabel = userLabelValue(userId, (text) => hash('sha256', text, 'hex'));
  const identity = { identifier, namespace, userId, userLabel, requestId, revision };
  const manifest = toDeployment(record.spec, identity);
  await kube.create(deployments, { ...manifest }, { fieldManager });
  await endOldest(api.store, identifier);
  await showDeployment(api.store, made.body);
  return made.body;
}

const pathsOf = (answer: {
  readonly body: { readonly diff: readonly { readonly path: string }[] };
}) => answer.body.diff.map(({ path }) => path);

describe('?dryRun=server', () => {
  it('of a creation: shows the manifest and the object that would be added, and queues nothing', async () => {
    const answer = await api.call('alice', 'POST', `${create}?dryRun=server`, {
      body: { identifier: 'tried', image: 'nginx:1.27', service: { ports: [{ port: 80 }] } },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ valid: true, problems: [] });
    expect(answer.body.manifest).toMatchObject({
      kind: 'Deployment',
      metadata: { name: 'tried', namespace: api.namespace },
    });
    expect(answer.body.service.kind).toBe('Service');
    expect(answer.body.diff.map((each: { object: string }) => each.object)).toEqual([
      'Deployment',
      'Service',
    ]);
    expect(answer.body.diff[0]).toMatchObject({ path: '', before: null });
    expect((await api.call('alice', 'GET', `${requests}?identifier=tried`)).body.items).toEqual([]);
    await expect(
      kube.get(deployments, { namespace: api.namespace, name: 'tried' }),
    ).rejects.toMatchObject({ status: 404 });
  });

  it('of a change: shows what would differ from the live object, removals too', async () => {
    const request = await running('changing', {
      replicas: 1,
      env: [
        { name: 'KEPT', value: '1' },
        { name: 'REMOVED', value: '2' },
      ],
      minReadySeconds: 5,
    });
    const answer = await api.call('alice', 'PATCH', `${requests}/${request.id}?dryRun=server`, {
      body: {
        image: 'nginx:1.28',
        replicas: 3,
        env: [{ name: 'KEPT', value: '1' }],
        minReadySeconds: null,
      },
    });
    expect(answer.body).toMatchObject({ valid: true, problems: [] });
    expect(pathsOf(answer)).toEqual([
      'spec.minReadySeconds',
      'spec.replicas',
      'spec.template.spec.containers[name=changing].env[name=REMOVED]',
      'spec.template.spec.containers[name=changing].image',
    ]);
    expect(answer.body.diff[1]).toMatchObject({ object: 'Deployment', before: 1, after: 3 });
    const scaled = await api.call(
      'alice',
      'POST',
      `${deploymentsPath}/changing/scale?dryRun=server`,
      {
        body: { replicas: 2 },
      },
    );
    expect(pathsOf(scaled)).toEqual(['spec.replicas']);
    const same = await api.call(
      'alice',
      'POST',
      `${deploymentsPath}/changing/resume?dryRun=server`,
    );
    expect(pathsOf(same)).toEqual([]);
    const removed = await api.call('alice', 'DELETE', `${requests}/${request.id}?dryRun=server`);
    expect(removed.body).toMatchObject({ valid: true, manifest: null, diff: [{ after: null }] });
    const read = await api.call('alice', 'GET', `${requests}/${request.id}`);
    expect(read.body.revision).toBe(1);
    const live = await kube.get(deployments, { namespace: api.namespace, name: 'changing' });
    expect(live.spec?.replicas).toBe(1);
  });

  it('of a rollback: against the revision that would come back', async () => {
    const request = await running('rolling');
    await api.call('alice', 'PATCH', `${requests}/${request.id}`, {
      body: { image: 'nginx:1.28' },
    });
    await endOldest(api.store, 'rolling');
    const answer = await api.call(
      'alice',
      'POST',
      `${deploymentsPath}/rolling/rollback?dryRun=server`,
    );
    expect(answer.body.manifest.spec.template.spec.containers[0].image).toBe('nginx:1.27');
    const missing = await api.call(
      'alice',
      'POST',
      `${deploymentsPath}/rolling/rollback?dryRun=server`,
      {
        body: { revision: 77 },
      },
    );
    expect(missing.status).toBe(404);
  });

  it('tells what would be refused: policy, identifier, quota, foreign objects, the cluster itself', async () => {
    const dryRun = (body: object, user = 'alice') =>
      api.call(user, 'POST', `${create}?dryRun=server`, { body });
    const codesOf = async (body: object, user?: string) =>
      (await dryRun(body, user)).body.problems.map(({ code }: { code: string }) => code);
    const base = { identifier: 'refused', image: 'nginx:1.27' };
    expect(await codesOf({ ...base, securityContext: { privileged: true } })).toEqual([
      'policy-violation',
    ]);
    await running('taken');
    expect(await codesOf({ ...base, identifier: 'taken' }, 'bob')).toContain('identifier-taken');
    await kube.create(
      deployments,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'foreign', namespace: api.namespace },
        spec: {
          selector: { matchLabels: { app: 'foreign' } },
          template: {
            metadata: { labels: { app: 'foreign' } },
            spec: { containers: [{ name: 'a', image: 'a' }] },
          },
        },
      },
      { fieldManager: 'somebody' },
    );
    expect(await codesOf({ ...base, identifier: 'foreign' })).toEqual(['foreign-object']);
    const elsewhere = await dryRun({ ...base, namespace: 'no-such-namespace' });
    expect(elsewhere.body.valid).toBe(false);
    expect(elsewhere.body.problems[0]).toMatchObject({ code: 'NotFound' });
  });
});

describe('what the cluster shows of a deployment', () => {
  it('pods, with readiness and node', async () => {
    const request = await running('shown', { replicas: 2 });
    const path = `${deploymentsPath}/shown/pods`;
    const answer = await eventually(
      async () => {
        const list = await api.call('alice', 'GET', path);
        expect(list.body.items.map(({ ready }: { ready: boolean }) => ready)).toEqual([true, true]);
        return list;
      },
      { deadlineMs: 40_000 },
    );
    expect(answer.body.items[0]).toMatchObject({
      phase: 'Running',
      image: 'nginx:1.27',
      restarts: 0,
      node: expect.any(String),
      containers: [{ name: 'shown', ready: true, state: 'running' }],
    });
    expect(answer.body.nextCursor).toBeNull();
    expect(request.identifier).toBe('shown');
  });

  it('events of the deployment, its replica sets and its pods, and of nothing else', async () => {
    await running('eventful');
    await running('other');
    const path = `${deploymentsPath}/eventful/events`;
    const items = await eventually(
      async () => {
        const found = (await api.call('alice', 'GET', path)).body.items;
        const kinds = new Set(
          found.map((event: { object: { kind: string } }) => event.object.kind),
        );
        expect(kinds).toEqual(new Set(['Deployment', 'ReplicaSet', 'Pod']));
        return found;
      },
      { deadlineMs: 40_000 },
    );
    for (const event of items) expect(event.object.name).toMatch(/^eventful/);
    const all = await kube.list(events, { namespace: api.namespace });
    expect(all.items.some((event) => event.involvedObject.name?.startsWith('other'))).toBe(true);
  });

  it('logs: only of its own pods, and who read them is audited', async () => {
    await running('logging');
    const path = `${deploymentsPath}/logging/logs`;
    const own = await eventually(async () => {
      const list = await kube.list(pods, { namespace: api.namespace });
      const pod = list.items.find((each) => each.metadata.name?.startsWith('logging-'));
      return required(pod?.metadata.name, 'a pod');
    });
    // KWOK's pods have no containers, so there is no log: what matters is that the cluster was asked.
    const answer = await api.call('alice', 'GET', `${path}?pod=${own}&tailLines=5`);
    expect([200, 404, 409, 503]).toContain(answer.status);
    expect(answer.body.detail).not.toBe('The deployment has no such pod or container.');
    const foreign = await api.call('alice', 'GET', `${path}?pod=another-pod`);
    expect(foreign.status).toBe(404);
    const container = await api.call('alice', 'GET', `${path}?pod=${own}&container=sidecar`);
    expect(container.status).toBe(404);
    const trail = (await api.call('alice', 'GET', '/api/v1/audit')).body.items;
    const reads = trail.filter(
      (entry: { action: string; outcome: string }) =>
        entry.action === 'deployment.logs' && entry.outcome === 'accepted',
    );
    expect(reads).toHaveLength(3);
    expect(reads[0].target).toBe('logging');
  });
});

describe('without a cluster', () => {
  it('what needs one answers 503, the rest goes on', async () => {
    const own = await startTestApi();
    const body = { identifier: 'alone', image: 'nginx:1.27' };
    const made = await own.call('alice', 'POST', create, { body });
    expect(made.status).toBe(202);
    await endOldest(own.store, 'alone');
    await showDeployment(own.store, made.body);
    for (const part of ['pods', 'events', 'logs']) {
      const answer = await own.call('alice', 'GET', `${deploymentsPath}/alone/${part}`);
      expect({ part, status: answer.status }).toEqual({ part, status: 503 });
      expect(answer.headers.get('retry-after')).not.toBeNull();
    }
    expect((await own.call('alice', 'POST', `${create}?dryRun=server`, { body })).status).toBe(503);
    expect((await own.call('alice', 'GET', `${deploymentsPath}/alone`)).status).toBe(200);
    await own.stop();
  });
});
