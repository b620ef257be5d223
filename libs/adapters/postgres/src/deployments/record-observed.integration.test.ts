import { required, seededRandom } from '@windlass/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accept,
  bob,
  change,
  changing,
  everything,
  finish,
  observing,
  openTestStore,
  type TestStore,
} from '../testing/test-store.ts';
import type { DeploymentRecord } from './contract.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

async function created(identifier: string): Promise<void> {
  await accept(db.store, identifier);
  await finish(db.store, identifier);
}

const newsOf = (identifier: string) =>
  db.rows<{ readonly type: string }>(
    `SELECT type, data FROM activity WHERE identifier = $1 AND type LIKE 'deployment.%'
      ORDER BY txid, id`,
    [identifier],
  );

describe('recordObserved', () => {
  it('writes what the cluster shows, with the holder as its user', async () => {
    await created('seen');
    const observed = observing('seen', '18446744073709551615', {
      userId: 'somebody-else',
      conditions: [
        { type: 'Available', status: 'True', reason: 'R', message: 'M', lastTransitionTime: null },
      ],
      labels: { app: 'seen' },
    });
    expect(await db.store.recordObserved(observed)).toBe(true);
    const record = await db.store.getDeployment({ userId: 'alice' }, 'seen');
    expect(record).toEqual({ ...observed, userId: 'alice', syncedAt: expect.any(Date) });
  });

  it('takes a newer judgement of the same version, and never an older one', async () => {
    await created('judged');
    const judged = (healthVersion: string, healthReason: string) =>
      db.store.recordObserved(observing('judged', 10, { healthVersion, healthReason }));
    expect(await judged('12', 'WaitingForReplicas')).toBe(true);
    expect(await judged('20', 'ImagePullBackOff')).toBe(true);
    expect(await judged('15', 'WaitingForReplicas')).toBe(false);
    expect(await db.store.getDeployment({ userId: 'alice' }, 'judged')).toMatchObject({
      resourceVersion: '10',
      healthReason: 'ImagePullBackOff',
    });
    expect(await db.store.recordObserved(observing('judged', 11))).toBe(true);
  });

  it('ignores what nobody asked for, another namespace and released names', async () => {
    await created('known');
    expect(await db.store.recordObserved(observing('stranger', 1))).toBe(false);
    const elsewhere = observing('known', 1, { namespace: 'elsewhere' });
    expect(await db.store.recordObserved(elsewhere)).toBe(false);
    expect(await db.store.recordAbsent('elsewhere', 'known', '1')).toBe(false);
    await change(db.store, changing('known', { operation: 'DELETE' }));
    await finish(db.store, 'known');
    expect(await db.store.recordObserved(observing('known', 2))).toBe(false);
    expect(await db.store.recordAbsent('default', 'known', '3')).toBe(false);
    expect(
      await db.rows(`SELECT 1 FROM deployments WHERE NOT tombstone AND identifier = 'known'`),
    ).toEqual([]);
  });

  it('compares resource versions as numbers', async () => {
    await created('numbers');
    expect(await db.store.recordObserved(observing('numbers', 9))).toBe(true);
    expect(await db.store.recordObserved(observing('numbers', 10, { replicas: 2 }))).toBe(true);
    expect(await db.store.recordObserved(observing('numbers', 10, { replicas: 3 }))).toBe(false);
    expect(await db.store.recordObserved(observing('numbers', 9, { replicas: 3 }))).toBe(false);
    expect(await db.store.getDeployment(everything, 'numbers')).toMatchObject({ replicas: 2 });
  });

  it('tells only of what users see', async () => {
    await created('told');
    await db.store.recordObserved(observing('told', 1));
    expect(await db.store.recordObserved(observing('told', 2))).toBe(true);
    await db.store.recordObserved(observing('told', 3, { readyReplicas: 1 }));
    await db.store.recordObserved(observing('told', 3, { readyReplicas: 0 }));
    expect(await newsOf('told')).toMatchObject([
      { type: 'deployment.changed', data: { readyReplicas: 0 } },
      { type: 'deployment.changed', data: { readyReplicas: 1 } },
    ]);
  });

  it('shows Missing while the deployment is asked for, and nothing once it is to go', async () => {
    await created('lost');
    await db.store.recordObserved(observing('lost', 5));
    expect(await db.store.recordAbsent('default', 'lost', '7')).toBe(true);
    expect(await db.store.getDeployment(everything, 'lost')).toMatchObject({
      health: 'Missing',
      replicas: 1,
      readyReplicas: 0,
      resourceVersion: '7',
      image: 'nginx:1.27',
    });
    expect(await db.store.recordObserved(observing('lost', 6))).toBe(false);
    await change(db.store, changing('lost', { operation: 'DELETE' }));
    expect(await db.store.recordAbsent('default', 'lost', '8')).toBe(true);
    expect(await db.store.getDeployment(everything, 'lost')).toBeNull();
    expect(await db.store.recordAbsent('default', 'lost', '9')).toBe(true);
    expect((await newsOf('lost')).map(({ type }) => type)).toEqual([
      'deployment.changed',
      'deployment.changed',
      'deployment.deleted',
    ]);
  });

  it('keeps the former holder out of the row of the next', async () => {
    await created('handed');
    await db.store.recordObserved(observing('handed', 5, { image: 'secret' }));
    await change(db.store, changing('handed', { operation: 'DELETE' }));
    await finish(db.store, 'handed');
    await accept(db.store, 'handed', { actor: bob });
    const late = observing('handed', 50, { image: 'secret' });
    expect(await db.store.recordObserved(late)).toBe(false);
    expect(await db.store.getDeployment({ userId: 'bob' }, 'handed')).toBeNull();
    await db.store.recordAbsent('default', 'handed', '60');
    expect(await db.store.getDeployment({ userId: 'bob' }, 'handed')).toMatchObject({
      health: 'Missing',
      image: 'nginx:1.27',
      userId: 'bob',
    });
    expect(await db.store.recordObserved(observing('handed', 70, { revision: 3 }))).toBe(true);
    expect(await db.store.getDeployment({ userId: 'alice' }, 'handed')).toBeNull();
  });

  it('does not let a reading that races with the deletion bring the row back', async () => {
    const another = await db.another();
    for (let round = 0; round < 15; round += 1) {
      const identifier = `race-${round}`;
      await created(identifier);
      if (round % 2 === 0) await db.store.recordObserved(observing(identifier, 1));
      await change(db.store, changing(identifier, { operation: 'DELETE' }));
      await Promise.all([
        finish(db.store, identifier),
        ...[2, 3, 4, 5].map((version) => another.recordObserved(observing(identifier, version))),
      ]);
      expect(await another.recordObserved(observing(identifier, 6))).toBe(false);
      expect(await db.store.getDeployment(everything, identifier)).toBeNull();
    }
  });

  it('lists what is recorded as present, for the comparison with the cluster', async () => {
    for (const name of ['listed-a', 'listed-b', 'listed-c']) {
      await created(name);
      await db.store.recordObserved(observing(name, 40));
    }
    await db.store.recordAbsent('default', 'listed-b', '41');
    const after = await db.store.listObservedVersions('listed-', 2);
    expect(after).toEqual(
      ['listed-a', 'listed-c'].map((identifier) => ({
        identifier,
        namespace: 'default',
        resourceVersion: '40',
      })),
    );
    const all = await db.store.listObservedVersions(null, 100);
    expect(all.map(({ identifier }) => identifier)).not.toContain('listed-b');
    expect(await db.store.listObservedVersions('listed-a', 1)).toMatchObject([
      { identifier: 'listed-c' },
    ]);
  });
});

/** Whatever the order and however often: the newest reading is what stays. */
describe('readings in any order', () => {
  type Event = { readonly version: number; readonly uid: string | null };
  const seeds = Array.from({ length: 12 }, (_, seed) => seed);

  it.each(seeds)('end as the newest one says (seed %i)', async (seed) => {
    const random = seededRandom(`readings-${seed}`);
    // One history of an object that changes, goes, and comes back as another.
    let uid = 'uid-0';
    const history: Event[] = Array.from({ length: 12 }, (_, index) => {
      const gone = random.chance(0.25);
      if (gone) uid = `uid-${index}`;
      return { version: (index + 1) * 10 + random.integer(0, 9), uid: gone ? null : uid };
    });
    const identifier = `order-${seed}`;
    await created(identifier);
    const again = history.filter(() => random.chance(0.3));
    const shuffled = [...history, ...again]
      .map((event) => ({ event, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ event }) => event);
    const apply = ({ version, uid }: Event) =>
      uid === null
        ? db.store.recordAbsent('default', identifier, String(version))
        : db.store.recordObserved(observing(identifier, version, { uid, replicas: version }));
    if (seed % 2 === 0) for (const event of shuffled) await apply(event);
    else await Promise.all(shuffled.map(apply));
    const newest = required(history.at(-1), 'event');
    const shown = await db.store.getDeployment(everything, identifier);
    expect(pick(shown)).toEqual(
      newest.uid === null
        ? { resourceVersion: String(newest.version), uid: '', replicas: 1, health: 'Missing' }
        : {
            resourceVersion: String(newest.version),
            uid: newest.uid,
            replicas: newest.version,
            health: 'Progressing',
          },
    );
    const versions = await newsOf(identifier);
    expect(versions.length).toBeGreaterThan(0);
  });
});

function pick(record: DeploymentRecord | null) {
  const { resourceVersion, uid, replicas, health } = required(record, 'row');
  return { resourceVersion, uid, replicas, health };
}
