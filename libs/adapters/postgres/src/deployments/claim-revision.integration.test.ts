import { eventually } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accept,
  accepting,
  bob,
  broken,
  change,
  changing,
  claim,
  claiming,
  finish,
  firstPage,
  letterFor,
  nth,
  observing,
  openTestStore,
  reopen,
  scaling,
  type TestStore,
} from '../testing/test-store.ts';
import type { ClaimedRevision } from './contract.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

const success = { kind: 'success' } as const;
const expire = (identifier: string) =>
  db.rows(
    `UPDATE revisions SET claimed_until = now() - interval '1 s'
      WHERE identifier = $1 AND claimed_until IS NOT NULL`,
    [identifier],
  );

describe('claimRevision', () => {
  it('gives the oldest open revision, with what a worker needs', async () => {
    const traceparent = `00-${'3'.repeat(32)}-${'4'.repeat(16)}-01`;
    const created = await accept(db.store, 'oldest', { traceparent, namespace: 'shop' });
    await change(db.store, scaling('oldest', 4));
    const outcome = await db.store.claimRevision(claiming('oldest'));
    expect(outcome).toEqual({
      kind: 'claimed',
      revision: {
        identifier: 'oldest',
        namespace: 'shop',
        userId: 'alice',
        request: created.id,
        revision: 1,
        operation: 'CREATE',
        spec: { image: 'nginx:1.27', replicas: 1 },
        attempt: 1,
        createdAt: created.createdAt,
        traceparent,
      },
    });
    expect((await db.store.getRequest({ userId: null }, created.id))?.attempts).toBe(0);
  });

  it('is idle where nothing is open', async () => {
    expect(await db.store.claimRevision(claiming('unknown'))).toEqual({ kind: 'idle' });
    await accept(db.store, 'done');
    await finish(db.store, 'done');
    expect(await db.store.claimRevision(claiming('done'))).toEqual({ kind: 'idle' });
  });

  it('gives a revision to one of eight workers in four processes', async () => {
    const stores = [db.store, await db.another(), await db.another(), await db.another()];
    for (let round = 0; round < 10; round += 1) {
      const identifier = `raced-${round}`;
      await accept(db.store, identifier);
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, worker) =>
          nth(stores, worker).claimRevision(claiming(identifier, `worker-${worker}`)),
        ),
      );
      const kinds = outcomes.map((outcome) => outcome.kind);
      expect(kinds.filter((kind) => kind === 'claimed')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'waiting')).toHaveLength(7);
      expect(
        await db.rows(`SELECT claims, attempts FROM revisions WHERE identifier = $1`, [identifier]),
      ).toEqual([{ claims: 1, attempts: 1 }]);
    }
  });

  it('makes a newer revision wait for the older one', async () => {
    await accept(db.store, 'order');
    await change(db.store, scaling('order', 2));
    const first = await claim(db.store, 'order');
    expect(await db.store.claimRevision(claiming('order'))).toMatchObject({ kind: 'waiting' });
    expect(await db.store.endRevision({ claim: first, outcome: success })).toEqual({
      kind: 'ended',
      more: true,
    });
    const second = await claim(db.store, 'order');
    expect(second).toMatchObject({ revision: 2, operation: 'SCALE' });
    expect(await db.store.endRevision({ claim: second, outcome: success })).toEqual({
      kind: 'ended',
      more: false,
    });
  });

  it('gives the revision to another when the lease has ended, and the first claim is lost', async () => {
    await accept(db.store, 'lease');
    const first = await claim(db.store, 'lease', { leaseMs: 50 });
    const second = await eventually(() => claim(db.store, 'lease', { workerId: 'second' }));
    expect(second.attempt).toBe(2);
    expect(await db.store.renewClaim(first, 1_000)).toBe(false);
    expect(await db.store.releaseRevision(first, broken, 0)).toBe(false);
    expect(await db.store.endRevision({ claim: first, outcome: success })).toEqual({
      kind: 'lost',
    });
    const request = await db.store.getRequest({ userId: 'alice' }, 'request-lease');
    expect(request).toMatchObject({ status: 'CREATED', attempts: 2 });
    expect((await db.store.endRevision({ claim: second, outcome: success })).kind).toBe('ended');
    expect((await db.store.endRevision({ claim: second, outcome: success })).kind).toBe('lost');
  });

  it('keeps a claim that is renewed', async () => {
    await accept(db.store, 'renewed');
    const held = await claim(db.store, 'renewed', { leaseMs: 1 });
    expect(await db.store.renewClaim(held, 60_000)).toBe(true);
    const other = await db.store.claimRevision(claiming('renewed'));
    const delayMs = other.kind === 'waiting' ? other.delayMs : 0;
    expect(delayMs).toBeGreaterThan(50_000);
    expect(delayMs).toBeLessThanOrEqual(60_000);
  });

  it('rests after a released try, and keeps its error out of the request', async () => {
    await accept(db.store, 'rest');
    const first = await claim(db.store, 'rest');
    expect(await db.store.releaseRevision(first, broken, 60_000)).toBe(true);
    expect(await db.store.releaseRevision(first, broken, 60_000)).toBe(false);
    expect(await db.store.renewClaim(first, 1_000)).toBe(false);
    expect(await db.store.claimRevision(claiming('rest'))).toMatchObject({ kind: 'waiting' });
    const request = await db.store.getRequest({ userId: 'alice' }, 'request-rest');
    expect(request).toMatchObject({ status: 'CREATED', error: null, attempts: 1 });
    const { items } = await db.store.listRevisions({ userId: 'alice' }, 'rest', firstPage);
    expect(items).toMatchObject([{ status: 'OPEN', error: broken }]);
    await db.rows(`UPDATE revisions SET not_before = now() WHERE identifier = 'rest'`);
    expect((await claim(db.store, 'rest')).attempt).toBe(2);
  });

  it('is exhausted once all tries are used up, for one worker at a time', async () => {
    await accept(db.store, 'exhausted');
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const held = await claim(db.store, 'exhausted');
      expect(held.attempt).toBe(attempt);
      await db.store.releaseRevision(held, broken, 0);
    }
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => db.store.claimRevision(claiming('exhausted'))),
    );
    const exhausted = outcomes.filter(({ kind }) => kind === 'exhausted');
    expect(exhausted).toMatchObject([{ revision: { attempt: 4 }, tries: 3, lastError: broken }]);
    expect(outcomes.filter(({ kind }) => kind === 'waiting')).toHaveLength(3);
    await expire('exhausted');
    const again = await db.store.claimRevision(claiming('exhausted'));
    expect(again).toMatchObject({ kind: 'exhausted', revision: { attempt: 5 }, tries: 3 });
    const request = await db.store.getRequest({ userId: 'alice' }, 'request-exhausted');
    expect(request?.attempts).toBe(3);
  });

  it('answers each of a mixed batch for itself', async () => {
    await Promise.all(['batch-a', 'batch-b', 'batch-c'].map((each) => accept(db.store, each)));
    await claim(db.store, 'batch-b');
    const outcomes = await Promise.all(
      ['batch-a', 'batch-b', 'batch-none', 'batch-c', 'batch-c'].map((each) =>
        db.store.claimRevision(claiming(each)),
      ),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'claimed',
      'waiting',
      'idle',
      'claimed',
      'waiting',
    ]);
  });
});

const end = (revision: ClaimedRevision, how: 'success' | 'failure' | 'dead') =>
  db.store.endRevision({
    claim: revision,
    outcome:
      how === 'success'
        ? success
        : {
            kind: 'failure',
            error: broken,
            deadLetter: how === 'dead' ? letterFor(revision.identifier) : null,
          },
  });

describe('endRevision', () => {
  it('says in the request how the newest revision ended', async () => {
    for (const how of ['success', 'failure', 'dead'] as const) {
      const created = await accept(db.store, `end-${how}`);
      const ended = await end(await claim(db.store, `end-${how}`), how);
      expect(ended).toEqual({ kind: 'ended', more: false });
      const request = await db.store.getRequest({ userId: 'alice' }, created.id);
      expect(request).toMatchObject({
        status: how === 'success' ? 'SUCCESS' : 'FAILURE',
        error: how === 'success' ? null : broken,
        deadLettered: how === 'dead',
        version: 2,
        attempts: 1,
      });
      expect(request?.completedAt).toBeInstanceOf(Date);
      const { items } = await db.store.listDeadLetters({ userId: 'alice' }, firstPage);
      expect(items.filter(({ identifier }) => identifier === `end-${how}`)).toMatchObject(
        how === 'dead'
          ? [{ request: created.id, revision: 1, userId: 'alice', attempts: 3, reason: 'gave up' }]
          : [],
      );
    }
  });

  it('leaves the request CREATED when an older revision ends, and tells of it', async () => {
    const created = await accept(db.store, 'older');
    await change(db.store, scaling('older', 2));
    expect(await end(await claim(db.store, 'older'), 'dead')).toEqual({
      kind: 'ended',
      more: true,
    });
    const request = await db.store.getRequest({ userId: 'alice' }, created.id);
    expect(request).toMatchObject({ status: 'CREATED', deadLettered: false, error: null });
    expect(
      await db.rows(
        `SELECT type, data -> 'newest' AS newest, data -> 'error' AS error FROM activity
          WHERE identifier = 'older' AND type = 'request.failed'`,
      ),
    ).toEqual([{ type: 'request.failed', newest: false, error: broken }]);
  });

  it('says that there is more to a change that comes in at the same time', async () => {
    const another = await db.another();
    for (let round = 0; round < 15; round += 1) {
      const identifier = `more-${round}`;
      await accept(db.store, identifier);
      const held = await claim(db.store, identifier);
      const [ended, changed] = await Promise.all([
        db.store.endRevision({ claim: held, outcome: success }),
        change(another, scaling(identifier, 2)),
      ]);
      const request = await db.store.getRequest({ userId: 'alice' }, changed.id);
      expect(request?.status).toBe('CREATED');
      // Ended first: the change saw version 2. Otherwise the end must have seen the change.
      expect(ended).toEqual({ kind: 'ended', more: changed.version === 2 });
    }
  });

  it('ends many at once, and only those whose claim holds', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    const claims = await Promise.all(
      names.map(async (each) => {
        await accept(db.store, each);
        return claim(db.store, each);
      }),
    );
    const outcomes = await Promise.all(
      claims.map((each, index) =>
        db.store.endRevision({
          claim: index % 2 === 0 ? each : { ...each, attempt: 9 },
          outcome: success,
        }),
      ),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      names.map((_, index) => (index % 2 === 0 ? 'ended' : 'lost')),
    );
  });

  it('releases the identifier and hides the deployment after a deletion', async () => {
    await accept(db.store, 'gone');
    await finish(db.store, 'gone');
    expect(await db.store.recordObserved(observing('gone', 100))).toBe(true);
    await change(db.store, changing('gone', { operation: 'DELETE' }));
    expect(await db.store.getDeployment({ userId: 'alice' }, 'gone')).not.toBeNull();
    await finish(db.store, 'gone');
    expect(await db.store.getDeployment({ userId: 'alice' }, 'gone')).toBeNull();
    expect(
      await db.rows(`SELECT released_at IS NOT NULL AS released FROM identifiers
                      WHERE identifier = 'gone'`),
    ).toEqual([{ released: true }]);
    expect(
      await db.rows(`SELECT type FROM activity WHERE identifier = 'gone' ORDER BY txid, id`),
    ).toMatchObject(
      [
        'request.created',
        'request.succeeded',
        'deployment.changed',
        'request.changed',
        'request.succeeded',
        'deployment.deleted',
      ].map((type) => ({ type })),
    );
  });

  it('replaces in messages of the cluster what can not be stored, and bounds them', async () => {
    await accept(db.store, 'message');
    const held = await claim(db.store, 'message');
    const message = `nul \0 and \ud800 ${'x'.repeat(10_000)}`;
    const error = { code: 'broken', message };
    await db.store.endRevision({
      claim: held,
      outcome: { kind: 'failure', error, deadLetter: null },
    });
    const request = await db.store.getRequest({ userId: 'alice' }, 'request-message');
    expect(request?.error?.message).toHaveLength(4_096);
    expect(request?.error?.message).toMatch(/^nul \uFFFD and \uFFFD x/);
  });
});

describe('findStandingStill', () => {
  it('finds oldest open revisions that nobody touches, longest first', async () => {
    const names = ['still-1', 'still-2', 'still-held', 'still-resting', 'still-new', 'still-done'];
    for (const each of names) await accept(db.store, each);
    await claim(db.store, 'still-held');
    const resting = await claim(db.store, 'still-resting');
    await db.store.releaseRevision(resting, broken, 60_000);
    await finish(db.store, 'still-done');
    await db.rows(
      `UPDATE revisions SET created_at = now() - interval '2 min'
        WHERE identifier LIKE 'still-%' AND identifier <> 'still-new'`,
    );
    await db.rows(
      `UPDATE revisions SET created_at = now() - interval '3 min' WHERE identifier = 'still-2'`,
    );
    expect(await db.store.findStandingStill(60_000, 10)).toEqual(['still-2', 'still-1']);
    expect(await db.store.findStandingStill(60_000, 1)).toEqual(['still-2']);
    await expire('still-held');
    expect(await db.store.findStandingStill(500, 100)).toContain('still-held');
  });
});

describe('reopenRevision', () => {
  it('does the deletion again, or loses the name to whoever takes it at the same time', async () => {
    const another = await db.another();
    for (let round = 0; round < 10; round += 1) {
      const identifier = `fought-${round}`;
      await accept(db.store, identifier);
      await finish(db.store, identifier);
      await change(db.store, changing(identifier, { operation: 'DELETE' }));
      await finish(db.store, identifier);
      const [reopened, accepted] = await Promise.all([
        reopen(another, 'default', identifier, 1),
        db.store.acceptRequest(accepting(identifier, { actor: bob })),
      ]);
      expect(accepted.kind).toBe(reopened ? 'identifier-taken' : 'accepted');
    }
  });

  it('does the newest revision again where the cluster shows an older one', async () => {
    await accept(db.store, 'reopen');
    await finish(db.store, 'reopen');
    await change(db.store, scaling('reopen', 3));
    expect(await reopen(db.store, 'default', 'reopen', 1)).toBe(false);
    await finish(db.store, 'reopen');
    expect(await reopen(db.store, 'default', 'reopen', 2)).toBe(false);
    expect(await reopen(db.store, 'elsewhere', 'reopen', 1)).toBe(false);
    expect(await reopen(db.store, 'default', 'reopen', 1)).toBe(true);
    expect(await reopen(db.store, 'default', 'reopen', 1)).toBe(false);
    const request = await db.store.getRequest({ userId: 'alice' }, 'request-reopen');
    expect(request).toMatchObject({
      operation: 'REPLAY',
      type: 'UPDATE',
      status: 'CREATED',
      revision: 3,
      spec: { replicas: 3 },
    });
    const { items } = await db.store.listAudit({ userId: 'windlass' }, firstPage);
    expect(items.filter(({ target }) => target === 'reopen')).toMatchObject([
      { action: 'request.reopen', revision: 3 },
    ]);
    expect(await db.rows(`SELECT 1 FROM outbox WHERE identifier = 'reopen'`)).toHaveLength(3);
  });

  it('deletes again what came back after a deletion, unless somebody took the name', async () => {
    for (const identifier of ['back', 'taken']) {
      await accept(db.store, identifier);
      await finish(db.store, identifier);
      await change(db.store, changing(identifier, { operation: 'DELETE' }));
      await finish(db.store, identifier);
    }
    expect(await reopen(db.store, 'default', 'back', 1)).toBe(true);
    const revision = await claim(db.store, 'back');
    expect(revision).toMatchObject({ operation: 'DELETE', revision: 3 });
    await db.store.endRevision({ claim: revision, outcome: success });
    const released = await db.rows(
      `SELECT 1 FROM identifiers WHERE identifier = 'back' AND released_at IS NOT NULL`,
    );
    expect(released).toHaveLength(1);
    await accept(db.store, 'taken', { requestId: 'taken-again' });
    expect(await reopen(db.store, 'default', 'taken', 1)).toBe(false);
    expect(await reopen(db.store, 'default', 'unknown', 1)).toBe(false);
  });
});
