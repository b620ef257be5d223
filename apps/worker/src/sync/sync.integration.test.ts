import { required } from '@windlass/base';
import { deployments } from '@windlass/kube';
import { encodeMessage, publish, subjects } from '@windlass/nats';
import type { DeploymentRecord } from '@windlass/postgres';
import { RelistWakeSchema } from '@windlass/proto/deployment/v1';
import { createLog, createMetrics } from '@windlass/telemetry';
import { eventually } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkerMeters } from '../meters.ts';
import { type WorkerFixture, workerFixture } from '../testing/worker-fixture.ts';
import { syncPresent } from './handle-sync.ts';
import { createRecordedVersions } from './recorded-versions.ts';

/** The control plane's controllers and KWOK's stages are busy with other tests' pods too. */
const rolloutDeadlineMs = 45_000;

let fixture: WorkerFixture;

beforeAll(async () => {
  fixture = await workerFixture();
  fixture.start();
});
afterAll(async () => {
  await fixture?.close();
});

describe('the state of the cluster', () => {
  it('reaches the row: a rollout becomes Healthy', async () => {
    await fixture.ended(await fixture.create('healthy', { replicas: 2 }));
    const row = await rowWhen('healthy', ({ health }) => health === 'Healthy');
    expect(row).toMatchObject({ readyReplicas: 2, updatedReplicas: 2, availableReplicas: 2 });
  });

  it('tells why pods crash', async () => {
    await fixture.ended(
      await fixture.create('crashing', {
        labels: { 'pod-crash-loop.stage.kwok.x-k8s.io': 'true' },
      }),
    );
    const row = await rowWhen('crashing', ({ health }) => health === 'Degraded');
    expect(row.healthReason).toBe('CrashLoopBackOff');
  });

  it('tells why an image is not there', async () => {
    await fixture.ended(
      await fixture.create('no-image', {
        labels: { 'pod-image-pull-failure.stage.kwok.x-k8s.io': 'true' },
      }),
    );
    const row = await rowWhen('no-image', ({ health }) => health === 'Degraded');
    expect(row.healthReason).toBe('ImagePullBackOff');
  });

  it('shows a rollout whose pods never become ready as Progressing, then as Degraded', async () => {
    await fixture.ended(
      await fixture.create('never-ready', {
        labels: { 'pod-never-ready.stage.kwok.x-k8s.io': 'true' },
        progressDeadlineSeconds: 5,
      }),
    );
    await rowWhen('never-ready', ({ health }) => health === 'Progressing');
    const row = await rowWhen('never-ready', ({ health }) => health === 'Degraded');
    expect(row.healthReason).not.toBe('');
  });

  it('shows a paused rollout as Suspended', async () => {
    await fixture.ended(await fixture.create('held'));
    await fixture.ended(
      await fixture.change('held', 'PAUSE', (spec) => ({ ...spec, paused: true })),
    );
    const row = await rowWhen('held', ({ health }) => health === 'Suspended');
    expect(row.paused).toBe(true);
  });
});

describe('a reading that was overtaken', () => {
  it('opens no finished revision again', async () => {
    const request = await fixture.create('overtaken');
    await fixture.ended(request);
    const older = required(await fixture.find('overtaken'), 'the object');
    const scaled = await fixture.change('overtaken', 'SCALE', (spec) => ({ ...spec, replicas: 2 }));
    const ended = await fixture.ended(scaled);
    const { kube, store } = fixture;
    await syncPresent(
      {
        kube,
        store,
        log: createLog({ app: 'worker-test', level: 'error', format: 'text' }),
        meters: createWorkerMeters(createMetrics('worker-test')),
        signal: AbortSignal.timeout(10_000),
        recorded: createRecordedVersions(),
        wakeActivity: () => undefined,
      },
      older,
    );
    const after = await store.getRequest({ userId: 'ada' }, request.id);
    expect(after).toMatchObject({ status: 'SUCCESS', revision: ended.revision });
  });
});

describe('a deletion that nobody asked us for', () => {
  it('leaves the row as Missing', async () => {
    await fixture.ended(await fixture.create('by-hand'));
    await fixture.kube.delete(deployments, { namespace: fixture.namespace, name: 'by-hand' });
    const row = await rowWhen('by-hand', ({ health }) => health === 'Missing');
    expect(row.readyReplicas).toBe(0);
  });

  it('is found by a comparison, when no event told of it', async () => {
    await fixture.ended(await fixture.create('unseen'));
    await rowWhen('unseen', ({ health }) => health === 'Healthy');
    const { kube, namespace } = fixture;
    await kube.delete(
      deployments,
      { namespace, name: 'unseen' },
      { propagationPolicy: 'Background' },
    );
    await publish(fixture.bus, {
      subject: subjects.relist(fixture.prefix),
      id: 'relist-1',
      ...encodeMessage(RelistWakeSchema, {}),
    });
    await eventually(async () => (await rowOf('unseen'))?.health === 'Missing', {
      deadlineMs: rolloutDeadlineMs,
    });
    expect(await fixture.find('unseen')).toBeNull();
  });
});

/** Wakes the sync as the watcher would, until the row is as wanted. */
async function rowWhen(
  name: string,
  isWanted: (row: DeploymentRecord) => boolean,
): Promise<DeploymentRecord> {
  return eventually(
    async () => {
      await fixture.wakeSync(name);
      const row = await rowOf(name);
      if (row === null || !isWanted(row)) {
        throw new Error(`${name} is ${row?.health}: ${row?.healthReason} ${row?.healthMessage}`);
      }
      return row;
    },
    { deadlineMs: rolloutDeadlineMs },
  );
}

function rowOf(name: string): Promise<DeploymentRecord | null> {
  return fixture.store.getDeployment({ userId: 'ada' }, name);
}
