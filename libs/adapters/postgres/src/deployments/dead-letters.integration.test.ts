import { newUuid } from '@windlass/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accept,
  admin,
  alice,
  change,
  changing,
  claim,
  everything,
  finish,
  firstPage,
  letterFor,
  nth,
  openTestStore,
  scaling,
  type TestStore,
} from '../testing/test-store.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

const mine = { userId: 'alice' } as const;

async function letterOf(identifier: string) {
  const { items } = await db.store.listDeadLetters(everything, firstPage);
  const letter = items.find((each) => each.identifier === identifier);
  if (letter === undefined) throw new Error(`no letter of ${identifier}`);
  return letter;
}

async function dead(identifier: string) {
  const request = await accept(db.store, identifier);
  await finish(db.store, identifier, 'dead');
  return { request, letter: await letterOf(identifier) };
}

describe('dead letters', () => {
  it('are replayed as a new revision, once', async () => {
    const { request, letter } = await dead('replay');
    expect(letter).toMatchObject({
      userId: 'alice',
      request: request.id,
      revision: 1,
      subject: 'windlass.deployments.revisions.replay-1',
      reason: 'gave up',
      attempts: 3,
      replayedRevision: null,
      droppedAt: null,
    });
    expect([...letter.payload]).toEqual([0, 1, 255]);
    const replayed = await db.store.replayDeadLetter(mine, letter.id, alice);
    expect(replayed).toMatchObject({
      kind: 'replayed',
      request: {
        operation: 'REPLAY',
        type: 'CREATE',
        status: 'CREATED',
        revision: 2,
        deadLettered: false,
        error: null,
      },
    });
    const again = await db.store.replayDeadLetter(mine, letter.id, alice);
    expect(again).toEqual({ kind: 'already-ended' });
    expect(await db.store.dropDeadLetter(mine, letter.id, alice)).toBe(false);
    expect(await db.store.getDeadLetter(mine, letter.id)).toMatchObject({ replayedRevision: 2 });
    await expect(letterOf('replay')).rejects.toThrow('no letter');
    expect(await db.rows(`SELECT 1 FROM outbox WHERE identifier = 'replay'`)).toHaveLength(2);
    const { items } = await db.store.listAudit(mine, firstPage);
    expect(items[0]).toMatchObject({ action: 'dead-letter.replay', target: 'replay', revision: 2 });
    await finish(db.store, 'replay');
  });

  it('are replayed once when ten ask at the same time', async () => {
    const { letter } = await dead('replay-race');
    const stores = [db.store, await db.another()];
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        nth(stores, index).replayDeadLetter(everything, letter.id, admin),
      ),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'replayed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'already-ended')).toHaveLength(9);
  });

  it('of a deletion stay a deletion', async () => {
    await accept(db.store, 'replay-delete');
    await finish(db.store, 'replay-delete');
    await change(db.store, changing('replay-delete', { operation: 'DELETE' }));
    await finish(db.store, 'replay-delete', 'dead');
    const letter = await letterOf('replay-delete');
    const outcome = await db.store.replayDeadLetter(mine, letter.id, alice);
    expect(outcome).toMatchObject({ kind: 'replayed', request: { type: 'DELETE' } });
    expect(await claim(db.store, 'replay-delete')).toMatchObject({ operation: 'DELETE' });
  });

  it('are superseded by a newer revision, also while it is open', async () => {
    const { letter } = await dead('superseded');
    await change(db.store, scaling('superseded', 2));
    const outcome = () => db.store.replayDeadLetter(mine, letter.id, alice);
    expect(await outcome()).toEqual({ kind: 'superseded' });
    await finish(db.store, 'superseded', 'dead');
    expect(await outcome()).toEqual({ kind: 'superseded' });
    expect(await db.store.dropDeadLetter(mine, letter.id, alice)).toBe(true);
    const request = await db.store.getRequest(mine, 'request-superseded');
    expect(request?.deadLettered).toBe(true);
  });

  it('leave a plain failure when they are dropped', async () => {
    const { request, letter } = await dead('dropped');
    expect(await db.store.dropDeadLetter({ userId: 'bob' }, letter.id, alice)).toBe(false);
    expect(await db.store.dropDeadLetter(mine, letter.id, alice)).toBe(true);
    expect(await db.store.dropDeadLetter(mine, letter.id, alice)).toBe(false);
    const failed = await db.store.getRequest(mine, request.id);
    expect(failed).toMatchObject({ status: 'FAILURE', deadLettered: false, version: 3 });
    const kept = await db.store.getDeadLetter(mine, letter.id);
    expect(kept?.droppedAt).toBeInstanceOf(Date);
    expect(await db.store.replayDeadLetter(mine, letter.id, alice)).toEqual({
      kind: 'already-ended',
    });
    const { items } = await db.store.listAudit(mine, firstPage);
    expect(items[0]).toMatchObject({ action: 'dead-letter.drop', target: 'dropped', revision: 1 });
  });

  it('of unreadable messages belong to nobody and can not be replayed', async () => {
    await db.store.recordDeadLetter(letterFor('unreadable'));
    await db.store.recordDeadLetter(letterFor('unreadable'));
    const { items } = await db.store.listDeadLetters(everything, firstPage);
    const found = items.filter(({ subject }) => subject.endsWith('.unreadable'));
    expect(found).toMatchObject([{ userId: null, identifier: null, revision: null }]);
    const id = found[0]?.id ?? '';
    expect(await db.store.replayDeadLetter(everything, id, admin)).toEqual({
      kind: 'not-replayable',
    });
    expect(await db.store.dropDeadLetter(everything, id, admin)).toBe(true);
    expect((await db.store.listAudit({ userId: 'root' }, firstPage)).items[0]?.target).toBe(id);
  });

  it('of the same message are one, which learns whose it is', async () => {
    await accept(db.store, 'advised');
    const held = await claim(db.store, 'advised');
    await db.store.recordDeadLetter(letterFor('advised'));
    const error = { code: 'exhausted', message: 'no more tries' };
    await db.store.endRevision({
      claim: held,
      outcome: { kind: 'failure', error, deadLetter: letterFor('advised') },
    });
    const letters = await db.rows(
      `SELECT user_id, identifier FROM dead_letters WHERE deduplication_id = 'advised'`,
    );
    expect(letters).toEqual([{ user_id: 'alice', identifier: 'advised' }]);
  });

  it('are not found by ids that are none', async () => {
    for (const id of ['x', newUuid()]) {
      expect(await db.store.getDeadLetter(everything, id)).toBeNull();
      expect(await db.store.dropDeadLetter(everything, id, admin)).toBe(false);
      expect(await db.store.replayDeadLetter(everything, id, admin)).toEqual({
        kind: 'not-found',
      });
    }
  });
});
