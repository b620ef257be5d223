/** What the worker does to the rows, done by tests: ends revisions and records what a cluster shows. */
import { required } from '@windlass/base';
import type { DeploymentStore, ObservedDeployment } from '@windlass/postgres';

const claimDefaults = { workerId: 'test', leaseMs: 60_000, attemptsMax: 5 } as const;

export type Ending =
  | { readonly kind: 'success' }
  | { readonly kind: 'failure'; readonly code?: string; readonly deadLetter?: boolean };

/** Claims the oldest open revision of a deployment and ends it. */
export async function endOldest(
  store: DeploymentStore,
  identifier: string,
  ending: Ending = { kind: 'success' },
): Promise<void> {
  const claimed = await store.claimRevision({ identifier, ...claimDefaults });
  if (claimed.kind !== 'claimed') throw new Error(`${identifier}: the claim is ${claimed.kind}`);
  const claim = claimed.revision;
  await store.endRevision({
    claim,
    outcome:
      ending.kind === 'success'
        ? { kind: 'success' }
        : {
            kind: 'failure',
            error: { code: ending.code ?? 'refused', message: 'it did not work' },
            deadLetter:
              ending.deadLetter === true
                ? {
                    deduplicationId: `${identifier}-${claim.revision}`,
                    stream: 'TEST',
                    subject: `test.${identifier}`,
                    payload: new Uint8Array([1, 2, 3]),
                    reason: 'it did not work, often',
                    attempts: 5,
                  }
                : null,
          },
  });
}

let resourceVersion = 1_000;

/** Records that the cluster shows the newest revision of a request. */
export async function showDeployment(
  store: DeploymentStore,
  request: { readonly id: string },
  shown: Partial<ObservedDeployment> = {},
): Promise<ObservedDeployment> {
  const record = required(await store.getRequest({ userId: null }, request.id), 'the request');
  resourceVersion += 1;
  const observed: ObservedDeployment = {
    identifier: record.identifier,
    namespace: record.namespace,
    uid: `uid-${record.id}`,
    resourceVersion: String(resourceVersion),
    healthVersion: String(resourceVersion),
    generation: record.revision,
    observedGeneration: record.revision,
    revision: record.revision,
    userId: record.userId,
    requestId: record.id,
    image: record.spec.image,
    replicas: record.spec.replicas,
    readyReplicas: record.spec.replicas,
    updatedReplicas: record.spec.replicas,
    availableReplicas: record.spec.replicas,
    paused: false,
    health: 'Healthy',
    healthReason: 'AllReplicasReady',
    healthMessage: 'all replicas are ready',
    conditions: [],
    labels: {},
    createdAt: new Date('2026-01-05T10:00:00Z'),
    ...shown,
  };
  await store.recordObserved(observed);
  return observed;
}

/** Records that the object is gone. */
export async function hideDeployment(
  store: DeploymentStore,
  namespace: string,
  identifier: string,
): Promise<void> {
  resourceVersion += 1;
  await store.recordAbsent(namespace, identifier, String(resourceVersion));
}
