import { next, Operation, type RequestState } from '@windlass/request-machine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accept,
  accepting,
  admin,
  bob,
  change,
  changing,
  finish,
  firstPage,
  nth,
  openTestStore,
  reopen,
  scaling,
  type TestStore,
} from '../testing/test-store.ts';
import type { ChangeInput } from './contract.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

const outcomeOf = (input: ChangeInput) => db.store.changeRequest(input);

const refuse: ChangeInput['plan'] = () => ({ ok: false, error: 'because' });

const rollingBack = (rollbackTo: number | null) =>
  changing('rollback', {
    operation: 'ROLLBACK',
    rollbackTo,
    plan: (_current, wanted) =>
      wanted === null ? { ok: false, error: 'none' } : { ok: true, value: wanted },
  });

describe('changeRequest', () => {
  it('makes a new revision, by the id, the request id or the identifier', async () => {
    const created = await accept(db.store, 'change');
    await finish(db.store, 'change');
    const targets = [{ request: created.id }, { request: 'request-change' }];
    for (const [index, target] of targets.entries()) {
      const changed = await change(db.store, scaling('change', 5 + index, { target }));
      expect(changed).toMatchObject({ id: created.id, revision: 2 + index, type: 'UPDATE' });
    }
    const request = await change(db.store, scaling('change', 9));
    expect(request).toMatchObject({
      operation: 'SCALE',
      status: 'CREATED',
      error: null,
      version: 5,
      completedAt: null,
      spec: { image: 'nginx:1.27', replicas: 9 },
    });
    expect(
      await db.rows(
        `SELECT revision::int, operation, status, spec -> 'replicas' AS replicas FROM revisions
          WHERE identifier = 'change' ORDER BY revision`,
      ),
    ).toEqual([
      { revision: 1, operation: 'CREATE', status: 'SUCCESS', replicas: 1 },
      { revision: 2, operation: 'SCALE', status: 'OPEN', replicas: 5 },
      { revision: 3, operation: 'SCALE', status: 'OPEN', replicas: 6 },
      { revision: 4, operation: 'SCALE', status: 'OPEN', replicas: 9 },
    ]);
    expect(
      await db.rows(
        `SELECT (SELECT count(*)::int FROM outbox WHERE identifier = 'change') AS outbox,
                (SELECT count(*)::int FROM audit_log WHERE target = 'change') AS audit,
                (SELECT count(*)::int FROM activity WHERE identifier = 'change'
                    AND type = 'request.changed') AS activity,
                (SELECT replicas FROM identifiers WHERE identifier = 'change') AS replicas`,
      ),
    ).toEqual([{ outbox: 4, audit: 4, activity: 3, replicas: 9 }]);
  });

  it('gives the same request for the same key, operation and payload, else refuses', async () => {
    await accept(db.store, 'keys');
    const input = scaling('keys', 2, { key: 'k1' });
    const first = await change(db.store, input);
    expect(await outcomeOf({ ...input, ifVersion: 1 })).toEqual({
      kind: 'replayed',
      request: first,
    });
    const mismatches: Partial<ChangeInput>[] = [
      { payloadHash: 'c'.repeat(64) },
      { operation: 'RESTART' },
      { operation: 'DELETE' },
    ];
    for (const other of mismatches) {
      expect(await outcomeOf({ ...input, ...other })).toEqual({ kind: 'payload-mismatch' });
    }
    await accept(db.store, 'keys-2');
    expect(await outcomeOf({ ...input, target: { identifier: 'keys-2' } })).toEqual({
      kind: 'payload-mismatch',
    });
    const ofCreate = scaling('keys', 2, { key: 'request-keys' });
    expect(await outcomeOf(ofCreate)).toEqual({ kind: 'payload-mismatch' });
  });

  it('makes one revision of twenty clients with one key, over two processes', async () => {
    await accept(db.store, 'raced-key');
    const stores = [db.store, await db.another()];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, client) =>
        nth(stores, client).changeRequest(scaling('raced-key', 3, { key: 'raced' })),
      ),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'replayed')).toHaveLength(19);
  });

  it('gives one key to one request when two are changed with it at once', async () => {
    await Promise.all([accept(db.store, 'two-a'), accept(db.store, 'two-b')]);
    const outcomes = await Promise.all([
      outcomeOf(scaling('two-a', 2, { key: 'two' })),
      outcomeOf(scaling('two-b', 2, { key: 'two' })),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['accepted', 'payload-mismatch']);
  });

  it('numbers concurrent changes without gaps, each planned on the one before', async () => {
    await accept(db.store, 'counter', { spec: { image: 'a', replicas: 0 } });
    const stores = [db.store, await db.another()];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        nth(stores, index).changeRequest(
          changing('counter', {
            operation: 'SCALE',
            openRevisionsMax: 100,
            plan: ({ spec }) => ({ ok: true, value: { ...spec, replicas: spec.replicas + 1 } }),
          }),
        ),
      ),
    );
    const request = await db.store.getRequest({ userId: 'alice' }, 'request-counter');
    expect(request).toMatchObject({ revision: 21, version: 21, spec: { replicas: 20 } });
  });

  it('refuses a version that is not the present one', async () => {
    await accept(db.store, 'version');
    expect(await outcomeOf(scaling('version', 2, { ifVersion: 2 }))).toEqual({
      kind: 'version-mismatch',
      version: 1,
    });
    const changed = await change(db.store, scaling('version', 2, { ifVersion: 1 }));
    expect(changed.version).toBe(2);
  });

  it('bounds the queue', async () => {
    await accept(db.store, 'queue');
    await change(db.store, scaling('queue', 2, { openRevisionsMax: 2 }));
    expect(await outcomeOf(scaling('queue', 3, { openRevisionsMax: 2 }))).toEqual({
      kind: 'queue-full',
      limit: 2,
    });
    await finish(db.store, 'queue');
    await change(db.store, scaling('queue', 3, { openRevisionsMax: 2 }));
  });

  it('does nothing when the plan refuses', async () => {
    const created = await accept(db.store, 'plan');
    expect(await outcomeOf(changing('plan', { plan: refuse, key: 'plan' }))).toEqual({
      kind: 'refused',
      error: 'because',
    });
    expect(await db.store.getRequest({ userId: 'alice' }, created.id)).toEqual(created);
    expect(await db.rows(`SELECT 1 FROM idempotency_keys WHERE key = 'plan'`)).toEqual([]);
  });

  it('hides what the scope does not own', async () => {
    const created = await accept(db.store, 'hidden');
    const his = { scope: { userId: 'bob' }, actor: bob };
    for (const target of [{ identifier: 'hidden' }, { request: created.id }]) {
      expect(await outcomeOf(scaling('hidden', 2, { target, ...his }))).toEqual({
        kind: 'not-found',
      });
    }
    const byName = { target: { request: 'request-hidden' }, ...his };
    expect(await outcomeOf(scaling('hidden', 2, byName))).toEqual({ kind: 'not-found' });
    expect(await outcomeOf(scaling('nothing', 2))).toEqual({ kind: 'not-found' });
    const asAdmin = scaling('hidden', 2, { scope: { userId: null }, actor: admin });
    const changed = await change(db.store, asAdmin);
    expect(changed.userId).toBe('alice');
    const { items } = await db.store.listAudit({ userId: 'root' }, firstPage);
    expect(items).toMatchObject([{ role: 'admin', action: 'request.scale', target: 'hidden' }]);
  });

  it('keeps to the quota for more replicas, and lets less through', async () => {
    const quota = { deploymentsMax: 0, replicasMax: 4 };
    const carol = { ...bob, userId: 'carol' };
    const his = { actor: carol, scope: { userId: 'carol' }, quota };
    for (const identifier of ['quota-a', 'quota-b']) {
      const spec = { image: 'a', replicas: 2 };
      await db.store.acceptRequest(accepting(identifier, { actor: carol, spec }));
    }
    expect(await outcomeOf(scaling('quota-a', 3, his))).toEqual({
      kind: 'quota-exceeded',
      quota: 'replicasMax',
      limit: 4,
    });
    await change(db.store, scaling('quota-a', 1, his));
    const raced = await Promise.all(
      ['quota-a', 'quota-b'].map((identifier) =>
        outcomeOf(scaling(identifier, identifier === 'quota-a' ? 2 : 3, his)),
      ),
    );
    expect(raced.map(({ kind }) => kind).sort()).toEqual(['accepted', 'quota-exceeded']);
  });

  it('rolls back to a named revision, or to the last one that succeeded', async () => {
    await accept(db.store, 'rollback', { spec: { image: 'one', replicas: 1 } });
    await finish(db.store, 'rollback');
    for (const [image, how] of [
      ['two', 'success'],
      ['three', 'failure'],
    ] as const) {
      const plan: ChangeInput['plan'] = ({ spec }) => ({ ok: true, value: { ...spec, image } });
      await change(db.store, changing('rollback', { plan }));
      await finish(db.store, 'rollback', how);
    }
    expect((await change(db.store, rollingBack(null))).spec.image).toBe('two');
    expect((await change(db.store, rollingBack(1))).spec.image).toBe('one');
    expect((await change(db.store, rollingBack(3))).spec.image).toBe('three');
    expect(await outcomeOf(rollingBack(99))).toEqual({ kind: 'revision-not-found' });
    await accept(db.store, 'no-rollback');
    const first = { ...rollingBack(null), target: { identifier: 'no-rollback' } };
    expect(await outcomeOf(first)).toEqual({ kind: 'revision-not-found' });
  });

  it('accepts nothing but a repeated deletion once a deletion was asked for', async () => {
    await accept(db.store, 'deleting');
    const deletion = changing('deleting', { operation: 'DELETE' });
    const deleted = await change(db.store, deletion);
    expect(deleted).toMatchObject({ type: 'DELETE', operation: 'DELETE', status: 'CREATED' });
    const outcomes = async () => [
      await outcomeOf(deletion),
      await outcomeOf(scaling('deleting', 2)),
    ];
    expect(await outcomes()).toEqual([
      { kind: 'replayed', request: deleted },
      { kind: 'deleting' },
    ]);
    await finish(db.store, 'deleting');
    await finish(db.store, 'deleting');
    expect(await outcomes()).toMatchObject([
      { kind: 'replayed', request: { status: 'SUCCESS', revision: 2 } },
      { kind: 'deleting' },
    ]);
  });
});

const openRevisionsMax = 2;
const ends = { success: 'revision-succeeded', failure: 'revision-failed' } as const;

/** The SQL of changes and ends against the pure machine: every state of a request, every event. */
describe('the request machine', () => {
  let count = 0;

  /** Each state by the events that lead to it: `CREATE UPDATE success` … */
  const paths = ['CREATE', 'CREATE success UPDATE', 'CREATE success DELETE'].flatMap((path) => [
    path,
    `${path} success`,
    `${path} failure`,
    `${path} dead`,
    ...(path.endsWith('DELETE') ? [] : [`${path} UPDATE`, `${path} DELETE`]),
  ]);
  const changes = Object.values(Operation).filter((each) => !['CREATE', 'REPLAY'].includes(each));
  const events = [...changes, 'success', 'failure', 'dead', 'replay', 'drop', 'reopen'];

  it.each(paths)('is followed after %s', async (path) => {
    for (const event of events) {
      const identifier = `machine-${(count += 1)}`;
      for (const step of path.split(' ')) await apply(identifier, step);
      const state = await stateOf(identifier);
      if (state.openRevisions === 0 && ['success', 'failure', 'dead'].includes(event)) continue;
      const expected = next(state, machineEvent(event));
      const moved = await apply(identifier, event);
      expect({ event, moved }).toEqual({ event, moved: expected.ok });
      expect({ event, state: await stateOf(identifier) }).toEqual({
        event,
        state: expected.ok ? expected.value : state,
      });
    }
  });
});

function machineEvent(event: string): Parameters<typeof next>[1] {
  switch (event) {
    case 'success':
    case 'failure':
      return { kind: ends[event] };
    case 'dead':
      return { kind: 'revision-dead-lettered' };
    case 'drop':
      return { kind: 'dead-letter-dropped' };
    case 'reopen':
      return { kind: 'reopened' };
    case 'replay':
      return { kind: 'accepted', operation: 'REPLAY', openRevisionsMax };
    default: {
      const operation = Object.values(Operation).find((each) => each === event);
      if (operation === undefined) throw new Error(event);
      return { kind: 'accepted', operation, openRevisionsMax };
    }
  }
}

/** Does it for real. True when the store did it, too. */
async function apply(identifier: string, event: string): Promise<boolean> {
  const { store } = db;
  switch (event) {
    case 'CREATE':
      return (await store.acceptRequest(accepting(identifier))).kind === 'accepted';
    case 'success':
    case 'failure':
    case 'dead':
      await finish(store, identifier, event);
      return true;
    case 'reopen':
      return reopen(store, 'default', identifier, 0);
    case 'replay':
    case 'drop': {
      const { items } = await store.listDeadLetters({ userId: 'alice' }, firstPage);
      const letter = items.find((each) => each.identifier === identifier);
      if (letter === undefined) return false;
      const who = [{ userId: 'alice' }, letter.id, admin] as const;
      if (event === 'drop') return store.dropDeadLetter(...who);
      return (await store.replayDeadLetter(...who)).kind === 'replayed';
    }
    default: {
      const operation = Object.values(Operation).find((each) => each === event);
      if (operation === undefined) throw new Error(event);
      const input = changing(identifier, {
        operation,
        openRevisionsMax,
        rollbackTo: 1,
        plan: ({ spec }) => ({ ok: true, value: spec }),
      });
      return (await store.changeRequest(input)).kind === 'accepted';
    }
  }
}

async function stateOf(identifier: string): Promise<RequestState> {
  const request = await db.store.getRequest({ userId: 'alice' }, `request-${identifier}`);
  const open = await db.rows(
    `SELECT 1 FROM revisions WHERE identifier = '${identifier}' AND status = 'OPEN'`,
  );
  if (request === null) throw new Error(identifier);
  const { type, status, deadLettered } = request;
  return { type, status, deadLettered, openRevisions: open.length };
}
