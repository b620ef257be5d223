import { toDeployment } from '@windlass/deployment-spec';
import { deployments, horizontalPodAutoscalers, services } from '@windlass/kube';
import type { ClaimedRevision } from '@windlass/postgres';
import { eventually } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, type WorkerFixture, workerFixture } from '../testing/worker-fixture.ts';
import { tryRevision } from './try-revision.ts';

let fixture: WorkerFixture;
let stop: () => Promise<void>;

beforeAll(async () => {
  fixture = await workerFixture();
  stop = fixture.start();
});
afterAll(async () => {
  await fixture?.close();
});

describe('a revision', () => {
  it('creates the Deployment, with our labels and its revision', async () => {
    const request = await fixture.create('web', { replicas: 2, env: [{ name: 'A', value: '1' }] });
    expect(await fixture.ended(request)).toMatchObject({ status: 'SUCCESS', error: null });
    const live = await fixture.find('web');
    expect(live?.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'windlass' });
    expect(live?.metadata.annotations).toMatchObject({
      'windlass.dev/revision': String(request.revision),
      'windlass.dev/request': request.id,
    });
    expect(live?.spec?.replicas).toBe(2);
    // The row is written beside the revision's end, not before it.
    await eventually(async () => {
      const row = await fixture.store.getDeployment({ userId: 'ada' }, 'web');
      expect(row).toMatchObject({ identifier: 'web', replicas: 2, uid: live?.metadata.uid });
    });
  });

  it('changes it, and removes what the new spec leaves out', async () => {
    await fixture.ended(
      await fixture.create('env', {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      }),
    );
    const changed = await fixture.change('env', 'UPDATE', (spec) => ({
      ...spec,
      image: 'nginx:1.28',
      env: [{ name: 'B', value: '3' }],
    }));
    expect(await fixture.ended(changed)).toMatchObject({ status: 'SUCCESS', type: 'UPDATE' });
    const live = await fixture.find('env');
    const container = live?.spec?.template?.spec?.containers[0];
    expect(container?.image).toBe('nginx:1.28');
    expect(container?.['env']).toEqual([{ name: 'B', value: '3' }]);
  });

  it('deletes it, and frees its identifier', async () => {
    await fixture.ended(await fixture.create('gone'));
    const deleted = await fixture.change('gone', 'DELETE');
    expect(await fixture.ended(deleted)).toMatchObject({ status: 'SUCCESS', type: 'DELETE' });
    expect(await fixture.find('gone')).toBeNull();
    expect(await fixture.store.getDeployment({ userId: 'ada' }, 'gone')).toBeNull();
    const again = await fixture.create('gone');
    expect(again.revision).toBeGreaterThan(deleted.revision);
    expect(await fixture.ended(again)).toMatchObject({ status: 'SUCCESS' });
  });

  it('never takes over a foreign Deployment, and says so', async () => {
    const foreign = toDeployment(
      { image: 'foreign:1', replicas: 1 },
      {
        identifier: 'theirs',
        namespace: fixture.namespace,
        userId: 'x',
        userLabel: 'x',
        requestId: 'x',
        revision: 1,
      },
    );
    const labels = { app: 'theirs' };
    await fixture.kube.create(
      deployments,
      {
        ...foreign,
        metadata: { name: 'theirs', namespace: fixture.namespace, labels },
        spec: {
          ...foreign.spec,
          selector: { matchLabels: labels },
          template: { ...foreign.spec.template, metadata: { labels } },
        },
      },
      { fieldManager: 'somebody' },
    );
    const ended = await fixture.ended(await fixture.create('theirs'));
    expect(ended).toMatchObject({ status: 'FAILURE', error: { code: 'foreign-object' } });
    const live = await fixture.find('theirs');
    expect(live?.spec?.template?.spec?.containers[0]?.image).toBe('foreign:1');
    const deleted = await fixture.ended(await fixture.change('theirs', 'DELETE'));
    expect(deleted.status).toBe('SUCCESS');
    expect(await fixture.find('theirs')).not.toBeNull();
  });

  it('fails at once with what Kubernetes says, when it is refused', async () => {
    const ended = await fixture.ended(
      await fixture.create('bad', { resources: { limits: { 'not a resource': '1' } } }),
    );
    expect(ended).toMatchObject({ status: 'FAILURE', attempts: 1, deadLettered: false });
    expect(ended.error?.message).toContain('not a resource');
  });

  it('fails at once when the namespace is missing', async () => {
    const request = await accept(fixture.store, 'no-such-namespace', 'nowhere');
    await fixture.wakeRevision('nowhere');
    const ended = await fixture.ended(request);
    expect(ended).toMatchObject({ status: 'FAILURE', attempts: 1 });
    expect(ended.error?.message).toContain('no-such-namespace');
  });

  it('leaves the replicas alone where an autoscaler owns them', async () => {
    const { kube, namespace } = fixture;
    await fixture.ended(await fixture.create('scaled', { replicas: 2 }));
    await kube.create(
      horizontalPodAutoscalers,
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'scaled', namespace },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' },
          minReplicas: 4,
          maxReplicas: 6,
        },
      },
      { fieldManager: 'somebody' },
    );
    await eventually(async () => (await fixture.find('scaled'))?.spec?.replicas === 4, {
      deadlineMs: 60_000,
    });
    const changed = await fixture.change('scaled', 'UPDATE', (spec) => ({
      ...spec,
      image: 'nginx:1.28',
    }));
    expect((await fixture.ended(changed)).status).toBe('SUCCESS');
    const live = await fixture.find('scaled');
    expect(live?.spec?.replicas).toBe(4);
    expect(live?.spec?.template?.spec?.containers[0]?.image).toBe('nginx:1.28');
  }, 120_000);

  it('keeps a Service in front where the spec has one, and removes it with the field', async () => {
    const { kube, namespace } = fixture;
    const ports = [{ port: 80, targetPort: 8080 }];
    await fixture.ended(
      await fixture.create('fronted', { ports: [{ containerPort: 8080 }], service: { ports } }),
    );
    const service = await kube.get(services, { namespace, name: 'fronted' });
    expect(service.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Deployment' });
    await fixture.ended(
      await fixture.change('fronted', 'UPDATE', ({ service: _service, ...spec }) => spec),
    );
    await expect(kube.get(services, { namespace, name: 'fronted' })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('runs the queued ones in order, each once', async () => {
    const request = await fixture.create('queue');
    for (let replicas = 2; replicas <= 6; replicas += 1) {
      await fixture.change('queue', 'SCALE', (spec) => ({ ...spec, replicas }));
    }
    await fixture.ended(request);
    expect((await fixture.find('queue'))?.spec?.replicas).toBe(6);
    const { items } = await fixture.store.listRevisions({ userId: 'ada' }, 'queue', {
      limit: 50,
      after: null,
    });
    expect(items.map(({ status, attempts }) => ({ status, attempts }))).toEqual(
      Array.from({ length: 6 }, () => ({ status: 'SUCCESS', attempts: 1 })),
    );
  });
});

describe('an older revision never overwrites a newer one (invariant 3)', () => {
  it('when a worker that was paused before its write goes on later', async () => {
    const request = await fixture.create('paused');
    await fixture.ended(request);
    const older = claimOf(fixture, request.id, 'paused', request.revision, 'nginx:old');
    const newer = await fixture.change('paused', 'UPDATE', (spec) => ({
      ...spec,
      image: 'nginx:new',
    }));
    await fixture.ended(newer);
    const late = { ...older, revision: newer.revision - 1 };
    const outcome = await tryRevision(
      { kube: fixture.kube, signal: AbortSignal.timeout(10_000) },
      late,
    );
    expect(outcome).toEqual({ kind: 'done', written: null });
    const live = await fixture.find('paused');
    expect(live?.spec?.template?.spec?.containers[0]?.image).toBe('nginx:new');
  });

  it('when it read the object before the newer write, and applies after it', async () => {
    const request = await fixture.create('between');
    await fixture.ended(request);
    const middle = await fixture.change('between', 'SCALE', (spec) => ({ ...spec, replicas: 2 }));
    await fixture.ended(middle);
    const claim = claimOf(fixture, request.id, 'between', middle.revision + 1, 'nginx:old');
    let newestRevision = 0;
    const kube = {
      ...fixture.kube,
      // The pause: between the read that shows a lower revision and the write.
      apply: (async (...call: Parameters<typeof fixture.kube.apply>) => {
        if (newestRevision === 0) {
          newestRevision = middle.revision + 2;
          await tryRevision(
            { kube: fixture.kube, signal: AbortSignal.timeout(10_000) },
            claimOf(fixture, request.id, 'between', newestRevision, 'nginx:new'),
          );
        }
        return fixture.kube.apply(...call);
      }) as typeof fixture.kube.apply,
    };
    const outcome = await tryRevision({ kube, signal: AbortSignal.timeout(10_000) }, claim);
    expect(outcome).toEqual({ kind: 'done', written: null });
    const live = await fixture.find('between');
    expect(live?.spec?.template?.spec?.containers[0]?.image).toBe('nginx:new');
    expect(live?.metadata.annotations?.['windlass.dev/revision']).toBe(String(newestRevision));
  });

  it('when it creates again what was deleted: the deletion runs again', async () => {
    const request = await fixture.create('undead');
    await fixture.ended(request);
    await fixture.ended(await fixture.change('undead', 'DELETE'));
    await tryRevision(
      { kube: fixture.kube, signal: AbortSignal.timeout(10_000) },
      claimOf(fixture, request.id, 'undead', request.revision, 'nginx:old'),
    );
    expect(await fixture.find('undead')).not.toBeNull();
    await fixture.wakeSync('undead');
    await eventually(async () => {
      // The API's relay would carry the outbox row; here its wake is sent by hand.
      await fixture.wakeRevision('undead');
      return (await fixture.find('undead')) === null;
    });
  });
});

describe('a message', () => {
  it('delivered twice gives the same end state as once (invariant 4)', async () => {
    const request = await fixture.create('twice');
    await fixture.wakeRevision('twice');
    await fixture.wakeRevision('twice');
    await fixture.ended(request);
    const live = await fixture.find('twice');
    for (let repeat = 0; repeat < 5; repeat += 1) {
      await fixture.wakeRevision('twice');
      await fixture.wakeSync('twice');
    }
    const scaled = await fixture.change('twice', 'SCALE', (spec) => ({ ...spec, replicas: 3 }));
    await fixture.ended(scaled);
    const { items } = await fixture.store.listRevisions({ userId: 'ada' }, 'twice', {
      limit: 50,
      after: null,
    });
    expect(items.map(({ attempts }) => attempts)).toEqual([1, 1]);
    const after = await fixture.find('twice');
    expect(after?.metadata.uid).toBe(live?.metadata.uid);
    expect(after?.spec?.replicas).toBe(3);
  });

  it('that was lost is made up for by the sweeper', async () => {
    const request = await accept(fixture.store, fixture.namespace, 'lost');
    expect(await fixture.ended(request)).toMatchObject({ status: 'SUCCESS' });
  });
});

describe('the worker', () => {
  it('stops in order and another one goes on', async () => {
    await stop();
    const request = await fixture.create('handed-over');
    fixture.start();
    expect(await fixture.ended(request)).toMatchObject({ status: 'SUCCESS' });
  });
});

function claimOf(
  { namespace }: WorkerFixture,
  request: string,
  identifier: string,
  revision: number,
  image: string,
): ClaimedRevision {
  return {
    identifier,
    namespace,
    userId: 'ada',
    request,
    revision,
    operation: 'UPDATE',
    spec: { image, replicas: 1 },
    attempt: 2,
    createdAt: new Date(),
    traceparent: null,
  };
}
