import { newUuid } from '@windlass/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accept,
  accepting,
  alice,
  bob,
  change,
  changing,
  everything,
  finish,
  firstPage,
  nth,
  openTestStore,
  type TestStore,
} from '../testing/test-store.ts';
import type { AcceptOutcome } from './contract.ts';

describe('acceptRequest', () => {
  let db: TestStore;
  beforeAll(async () => {
    db = await openTestStore();
  });
  afterAll(() => db.close());

  it('writes user, identifier, request, revision, key, outbox, audit and activity', async () => {
    const input = accepting('all', { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` });
    const outcome = await db.store.acceptRequest(input);
    expect(outcome).toMatchObject({
      kind: 'accepted',
      request: {
        id: input.id,
        requestId: 'request-all',
        userId: 'alice',
        identifier: 'all',
        namespace: 'default',
        type: 'CREATE',
        operation: 'CREATE',
        status: 'CREATED',
        revision: 1,
        spec: input.spec,
        error: null,
        deadLettered: false,
        attempts: 0,
        version: 1,
        completedAt: null,
      },
    });
    const read = await db.store.getRequest({ userId: 'alice' }, input.id);
    expect(outcome).toEqual({ kind: 'accepted', request: read });
    const counts = await db.rows(
      `SELECT (SELECT count(*)::int FROM users WHERE id = 'alice') AS users,
              (SELECT count(*)::int FROM identifiers WHERE identifier = 'all') AS identifiers,
              (SELECT count(*)::int FROM idempotency_keys WHERE request_id = $1) AS keys,
              (SELECT count(*)::int FROM activity WHERE request_id = $1) AS activity`,
      [input.id],
    );
    expect(counts).toEqual([{ users: 1, identifiers: 1, keys: 1, activity: 1 }]);
    expect(
      await db.rows(`SELECT identifier, revision, traceparent, sent_at FROM outbox
                      WHERE request_id = '${input.id}'`),
    ).toEqual([
      { identifier: 'all', revision: '1', traceparent: input.traceparent, sent_at: null },
    ]);
    const { items } = await db.store.listAudit({ userId: 'alice' }, firstPage);
    expect(items).toMatchObject([
      {
        userId: 'alice',
        role: 'user',
        action: 'request.create',
        target: 'all',
        revision: 1,
        outcome: 'accepted',
        remoteAddress: '127.0.0.1',
      },
    ]);
  });

  it('gives the same request for the same id and payload, and refuses another payload', async () => {
    const first = await accept(db.store, 'same');
    const again = await db.store.acceptRequest(accepting('same'));
    expect(again).toEqual({ kind: 'replayed', request: first });
    const other = accepting('same', { payloadHash: 'c'.repeat(64) });
    expect(await db.store.acceptRequest(other)).toEqual({ kind: 'payload-mismatch' });
  });

  it('refuses a key that a change was made with', async () => {
    await accept(db.store, 'keyed');
    await change(db.store, changing('keyed', { key: 'change-key', payloadHash: 'a'.repeat(64) }));
    const input = accepting('keyed-2', { requestId: 'change-key' });
    expect(await db.store.acceptRequest(input)).toEqual({ kind: 'payload-mismatch' });
  });

  it('keeps the request ids of users apart', async () => {
    await accept(db.store, 'mine', { requestId: 'shared-id' });
    const his = await accept(db.store, 'his', { requestId: 'shared-id', actor: bob });
    expect(his.userId).toBe('bob');
  });

  it('refuses an identifier that is held, and names the request only to its owner', async () => {
    const held = await accept(db.store, 'held');
    const mine = accepting('held', { requestId: 'another' });
    expect(await db.store.acceptRequest(mine)).toEqual({
      kind: 'identifier-taken',
      ownRequest: held.id,
    });
    expect(await db.store.acceptRequest({ ...mine, actor: bob })).toEqual({
      kind: 'identifier-taken',
      ownRequest: null,
    });
  });

  it('lets anybody take a released identifier, with revisions that go on rising', async () => {
    await accept(db.store, 'passed-on');
    await finish(db.store, 'passed-on');
    await change(db.store, changing('passed-on', { operation: 'DELETE' }));
    const early = accepting('passed-on', { actor: bob, requestId: 'too-early' });
    expect(await db.store.acceptRequest(early)).toMatchObject({ kind: 'identifier-taken' });
    await finish(db.store, 'passed-on');
    const taken = await accept(db.store, 'passed-on', { actor: bob, namespace: 'other' });
    expect(taken).toMatchObject({ revision: 3, userId: 'bob', namespace: 'other' });
    const old = await db.store.getRequest({ userId: 'alice' }, 'request-passed-on');
    expect(old).toMatchObject({ type: 'DELETE', status: 'SUCCESS', revision: 2 });
  });

  it('makes one request of fifty clients with one id, over three processes', async () => {
    const stores = [db.store, await db.another(), await db.another()];
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, client) =>
        nth(stores, client).acceptRequest(accepting('raced', { id: newUuid() })),
      ),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'replayed')).toHaveLength(49);
    const ids = outcomes.map(requestOf);
    expect(new Set(ids).size).toBe(1);
    expect(await countOf("SELECT 1 FROM deployment_requests WHERE identifier = 'raced'")).toBe(1);
    expect(await countOf("SELECT 1 FROM outbox WHERE identifier = 'raced'")).toBe(1);
    expect(await countOf("SELECT 1 FROM audit_log WHERE target = 'raced'")).toBe(1);
  });

  it('gives an identifier that fifty users race for to one of them', async () => {
    const stores = [db.store, await db.another()];
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, user) =>
        nth(stores, user).acceptRequest(
          accepting('wanted', { actor: { ...alice, userId: `user-${user}` } }),
        ),
      ),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'identifier-taken')).toHaveLength(49);
    expect(await countOf("SELECT 1 FROM idempotency_keys WHERE user_id LIKE 'user-%'")).toBe(1);
    expect(await countOf("SELECT 1 FROM deployment_requests WHERE identifier = 'wanted'")).toBe(1);
  });

  it('decides each item of a mixed batch by itself', async () => {
    await accept(db.store, 'mixed-taken', { actor: bob });
    await accept(db.store, 'mixed-known', { requestId: 'mixed-key' });
    const inputs = [
      accepting('mixed-1'),
      accepting('mixed-taken', { requestId: 'x1' }),
      accepting('mixed-known', { requestId: 'mixed-key' }),
      accepting('mixed-2', { requestId: 'mixed-key', payloadHash: 'd'.repeat(64) }),
      accepting('mixed-3', { requestId: 'twice' }),
      accepting('mixed-3', { requestId: 'twice' }),
      accepting('mixed-3', { requestId: 'third' }),
      accepting('mixed-4', { quota: { deploymentsMax: 1, replicasMax: 0 } }),
      accepting('mixed-5', { spec: { image: 'a', replicas: 5 } }),
      accepting('mixed-6', {
        spec: { image: 'a', replicas: 1, env: [{ name: 'A', value: 'nul \0' }] },
      }),
    ];
    const outcomes = await Promise.allSettled(inputs.map((each) => db.store.acceptRequest(each)));
    expect(
      outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value.kind : outcome.reason.code,
      ),
    ).toEqual([
      'accepted',
      'identifier-taken',
      'replayed',
      'payload-mismatch',
      'accepted',
      'replayed',
      'identifier-taken',
      'quota-exceeded',
      'accepted',
      'validation-failed',
    ]);
  });

  it('lets a row that breaks a rule of the database fail alone', async () => {
    const outcomes = await Promise.allSettled([
      db.store.acceptRequest(accepting('good-1')),
      db.store.acceptRequest(accepting('bad', { spec: { image: 'a', replicas: -1 } })),
      db.store.acceptRequest(accepting('good-2')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await db.store.getRequest(everything, 'good-1')).toBeNull();
    expect(await db.store.getRequest({ userId: 'alice' }, 'request-good-1')).not.toBeNull();
    expect(await db.store.getRequest({ userId: 'alice' }, 'request-bad')).toBeNull();
  });

  it('stores text with backslashes and pairs of surrogates as it is', async () => {
    const env = [{ name: 'A', value: 'C:\\u0000 \\ud800 😀' }];
    const request = await accept(db.store, 'text', { spec: { image: 'a', replicas: 1, env } });
    expect((await db.store.getRequest(everything, request.id))?.spec.env).toEqual(env);
  });

  async function countOf(sql: string): Promise<number> {
    return (await db.rows(sql)).length;
  }
});

describe('quotas', () => {
  let db: TestStore;
  beforeAll(async () => {
    db = await openTestStore();
  });
  afterAll(() => db.close());

  it('are kept when forty ask at once in two processes', async () => {
    const stores = [db.store, await db.another()];
    const quota = { deploymentsMax: 7, replicasMax: 0 };
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        nth(stores, index).acceptRequest(accepting(`counted-${index}`, { quota })),
      ),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome.kind !== 'accepted')).toEqual(
      Array.from({ length: 33 }, () => ({
        kind: 'quota-exceeded',
        quota: 'deploymentsMax',
        limit: 7,
      })),
    );
  });

  it('count the replicas asked for, and what a deletion gave back', async () => {
    const quota = { deploymentsMax: 0, replicasMax: 5 };
    const asking = (identifier: string, replicas: number) =>
      accepting(identifier, { actor: bob, quota, spec: { image: 'a', replicas } });
    expect((await db.store.acceptRequest(asking('r1', 3))).kind).toBe('accepted');
    expect(await db.store.acceptRequest(asking('r2', 3))).toEqual({
      kind: 'quota-exceeded',
      quota: 'replicasMax',
      limit: 5,
    });
    expect((await db.store.acceptRequest(asking('r3', 2))).kind).toBe('accepted');
    expect((await db.store.acceptRequest(asking('r4', 0))).kind).toBe('accepted');
    const deleting = changing('r1', { operation: 'DELETE', scope: { userId: 'bob' }, actor: bob });
    await finish(db.store, 'r1');
    await change(db.store, deleting);
    expect((await db.store.acceptRequest(asking('r5', 1))).kind).toBe('quota-exceeded');
    await finish(db.store, 'r1');
    expect((await db.store.acceptRequest(asking('r5', 1))).kind).toBe('accepted');
  });
});

function requestOf(outcome: AcceptOutcome): string | null {
  return 'request' in outcome ? outcome.request.id : null;
}
