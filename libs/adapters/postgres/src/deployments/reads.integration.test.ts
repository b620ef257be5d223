import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accept,
  alice,
  bob,
  change,
  everything,
  finish,
  firstPage,
  observing,
  openTestStore,
  scaling,
  type TestStore,
} from '../testing/test-store.ts';
import type {
  DeploymentFilter,
  DeploymentStore,
  Page,
  PageInput,
  RequestFilter,
  Scope,
} from './contract.ts';

let db: TestStore;
beforeAll(async () => {
  db = await openTestStore();
  for (const [index, actor] of [alice, bob, alice, bob, alice].entries()) {
    const identifier = `read-${index}`;
    const namespace = index === 4 ? 'shop' : 'default';
    await accept(db.store, identifier, { actor, namespace });
    await finish(db.store, identifier, index === 2 || index === 3 ? 'dead' : 'success');
    await db.store.recordObserved(observing(identifier, 1, { namespace }));
  }
  await change(db.store, scaling('read-0', 2));
});
afterAll(() => db.close());

const named = (text: string) => [...new Set([...text.matchAll(/read-\d/g)].map(([name]) => name))];

const requestNames = async (filter: RequestFilter) =>
  (await db.store.listRequests(everything, filter, firstPage)).items
    .map(({ identifier }) => identifier)
    .filter((name) => name.startsWith('read-'));

const deploymentNames = async (filter: DeploymentFilter) =>
  (await db.store.listDeployments(everything, filter, firstPage)).items.map(
    ({ identifier }) => identifier,
  );

/** Every read that gives rows of users, as the users' own rows: a new one has to be added here. */
const reads: Partial<
  Record<keyof DeploymentStore, (store: DeploymentStore, scope: Scope) => Promise<unknown>>
> = {
  getRequest: async (store, scope) => {
    const all = await store.listRequests(everything, {}, firstPage);
    const byId = all.items.map(({ id }) => store.getRequest(scope, id));
    const byRequestId = all.items.map(({ requestId }) => store.getRequest(scope, requestId));
    return Promise.all([...byId, ...byRequestId]);
  },
  listRequests: async (store, scope) => [
    await store.listRequests(scope, {}, firstPage),
    await store.listRequests(scope, { user: 'alice' }, firstPage),
    await store.listRequests(scope, { user: 'bob' }, firstPage),
    await store.listRequests(scope, { identifier: 'read-0' }, firstPage),
    await store.listRequests(scope, { identifier: 'read-1' }, firstPage),
  ],
  getDeployment: (store, scope) =>
    Promise.all([0, 1, 2, 3, 4].map((index) => store.getDeployment(scope, `read-${index}`))),
  listDeployments: async (store, scope) => [
    await store.listDeployments(scope, {}, firstPage),
    await store.listDeployments(scope, { user: 'alice' }, firstPage),
    await store.listDeployments(scope, { user: 'bob' }, firstPage),
  ],
  listRevisions: (store, scope) =>
    Promise.all(
      [0, 1, 2, 3, 4].map((index) => store.listRevisions(scope, `read-${index}`, firstPage)),
    ),
  listDeadLetters: (store, scope) => store.listDeadLetters(scope, firstPage),
  getDeadLetter: async (store, scope) => {
    const { items } = await store.listDeadLetters(everything, firstPage);
    return Promise.all(items.map(({ id }) => store.getDeadLetter(scope, id)));
  },
  listAudit: (store, scope) => store.listAudit(scope, firstPage),
  readActivity: async (store, scope) => {
    const unfiltered = await store.readActivity(scope, {}, '1-0', 1_000);
    const ids = await store.listRequests(everything, {}, firstPage);
    const byRequest = ids.items.map(({ id }) =>
      store.readActivity(scope, { request: id }, '1-0', 1_000),
    );
    return [unfiltered, ...(await Promise.all(byRequest))];
  },
};

describe('scopes', () => {
  it('are tested for every read that takes one', () => {
    const writes = ['changeRequest', 'replayDeadLetter', 'dropDeadLetter'];
    const taking = Object.keys(reads).sort();
    expect(taking).toEqual([
      'getDeadLetter',
      'getDeployment',
      'getRequest',
      'listAudit',
      'listDeadLetters',
      'listDeployments',
      'listRequests',
      'listRevisions',
      'readActivity',
    ]);
    const others = Object.keys(db.store).filter((name) => !taking.includes(name));
    expect(others.filter((name) => /^(?:get|read|list)/.test(name))).toEqual([
      'listObservedVersions',
    ]);
    expect(others).toEqual(expect.arrayContaining(writes));
  });

  it.each(Object.entries(reads))('of %s keep to their user', async (_name, read) => {
    const asAlice = JSON.stringify(await read(db.store, { userId: 'alice' }));
    const asBob = JSON.stringify(await read(db.store, { userId: 'bob' }));
    const asAdmin = JSON.stringify(await read(db.store, everything));
    const asNobody = JSON.stringify(await read(db.store, { userId: 'nobody' }));
    const dead = _name.includes('DeadLetter');
    expect(named(asAlice).sort()).toEqual(dead ? ['read-2'] : ['read-0', 'read-2', 'read-4']);
    expect(named(asBob).sort()).toEqual(dead ? ['read-3'] : ['read-1', 'read-3']);
    expect(named(asAdmin)).toHaveLength(dead ? 2 : 5);
    expect(named(asNobody)).toEqual([]);
  });

  it('of a former holder do not reach into what the next one does', async () => {
    await accept(db.store, 'former');
    await finish(db.store, 'former');
    const deleting = scaling('former', 1, { operation: 'DELETE' });
    await change(db.store, deleting);
    await finish(db.store, 'former');
    await accept(db.store, 'former', { actor: bob });
    const revisionsOf = async (userId: string) =>
      (await db.store.listRevisions({ userId }, 'former', firstPage)).items.map(
        ({ revision }) => revision,
      );
    expect(await revisionsOf('alice')).toEqual([2, 1]);
    expect(await revisionsOf('bob')).toEqual([3]);
    const mine = scaling('former', 5);
    expect(await db.store.changeRequest(mine)).toEqual({ kind: 'not-found' });
  });
});

describe('lists', () => {
  it('filter requests', async () => {
    expect(await requestNames({})).toEqual(['read-4', 'read-3', 'read-2', 'read-1', 'read-0']);
    expect(await requestNames({ status: 'FAILURE' })).toEqual(['read-3', 'read-2']);
    expect(await requestNames({ status: 'SUCCESS' })).toEqual(['read-4', 'read-1']);
    expect(await requestNames({ type: 'UPDATE' })).toEqual(['read-0']);
    expect(await requestNames({ namespace: 'shop' })).toEqual(['read-4']);
    expect(await requestNames({ identifier: 'read-1' })).toEqual(['read-1']);
    expect(await requestNames({ user: 'bob', status: 'SUCCESS' })).toEqual(['read-1']);
  });

  it('filter deployments', async () => {
    expect(await deploymentNames({ namespace: 'shop' })).toEqual(['read-4']);
    expect(await deploymentNames({ user: 'bob' })).toEqual(['read-1', 'read-3']);
    expect(await deploymentNames({ health: 'Healthy' })).toEqual([]);
  });

  const pagesOf: Record<string, (page: PageInput) => Promise<Page<unknown>>> = {
    listRequests: (page) => db.store.listRequests(everything, {}, page),
    listDeployments: (page) => db.store.listDeployments(everything, {}, page),
    listRevisions: (page) => db.store.listRevisions(everything, 'former', page),
    listDeadLetters: (page) => db.store.listDeadLetters(everything, page),
    listAudit: (page) => db.store.listAudit(everything, page),
  };

  it.each(Object.entries(pagesOf))('page through %s without losing a row', async (_name, list) => {
    const all = await list(firstPage);
    expect(all.items.length).toBeGreaterThan(1);
    expect(all.next).toBeNull();
    const seen: unknown[] = [];
    let after: PageInput['after'] = null;
    do {
      const page: Page<unknown> = await list({ limit: 1, after });
      expect(page.items).toHaveLength(1);
      seen.push(...page.items);
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(all.items);
  });

  it('refuse a key that is not theirs', async () => {
    const page = { limit: 1, after: { after: 'x', id: "x' OR true" } };
    const { listDeployments: _byName, ...byNumber } = pagesOf;
    for (const list of Object.values(byNumber)) {
      await expect(list(page)).rejects.toMatchObject({ code: 'invalid-cursor' });
    }
  });

  it('answer text that can not be stored with an error of the caller', async () => {
    const invalid = { code: 'validation-failed' };
    await expect(db.store.getDeployment(everything, 'a\0b')).rejects.toMatchObject(invalid);
    await expect(db.store.getRequest({ userId: 'a\0' }, 'x')).rejects.toMatchObject(invalid);
  });
});

describe('the audit trail', () => {
  it('takes refusals too', async () => {
    const entry = {
      userId: 'carol',
      role: 'user',
      action: 'request.create',
      target: 'x',
      revision: null,
      outcome: 'refused: policy-violation',
      remoteAddress: '10.0.0.1',
    } as const;
    await db.store.audit(entry);
    expect((await db.store.listAudit({ userId: 'carol' }, firstPage)).items).toEqual([
      { ...entry, id: expect.any(String), at: expect.any(Date) },
    ]);
  });

  it('can only grow', async () => {
    for (const statement of [
      `UPDATE audit_log SET outcome = 'x'`,
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
    ]) {
      await expect(db.rows(statement)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
