import { describe, expect, it } from 'vitest';
import { checkCluster } from './check-cluster.ts';
import { checkRequests } from './check-requests.ts';
import type { Intent } from './intent.ts';
import { createLedger, type Ledger, type Promised } from './ledger.ts';
import type { ClusterObject, RevisionRow, Snapshot } from './snapshot.ts';

const userId = 'ada';
const identifier = 'web';
const requestId = 'request-1';
const intent = (mark: string): Intent => ({
  image: 'nginx:1.27',
  replicas: 2,
  env: [{ name: 'MARK', value: mark }],
  paused: false,
});

const promise = (revision: number, operation: Promised['operation'] = 'UPDATE'): Promised => ({
  userId,
  identifier,
  key: `key-${revision}`,
  operation,
  after: operation === 'DELETE' ? null : intent(String(revision)),
  status: 202,
  requestId,
  revision,
});

const row = (revision: number, operation = 'UPDATE'): RevisionRow => ({
  identifier,
  revision,
  requestId,
  operation,
  status: 'SUCCESS',
  intent: intent(String(revision)),
  errorCode: null,
  errorMessage: null,
  attempts: 1,
  createdAtMs: revision * 10,
  endedAtMs: revision * 10 + 5,
});

const object = (revision: number): ClusterObject => ({
  identifier,
  uid: 'uid-1',
  resourceVersion: '100',
  revision,
  readyReplicas: 2,
  intent: intent(String(revision)),
});

function shownOf({ intent: { image, replicas, paused }, ...rest }: ClusterObject) {
  return { ...rest, image, replicas, paused };
}

/** Two accepted revisions that both succeeded, and a cluster that shows the second. */
function sound(): { ledger: Ledger; snapshot: Snapshot } {
  const ledger = createLedger();
  ledger.promised.push(promise(1, 'CREATE'), promise(2));
  const snapshot: Snapshot = {
    requests: [
      {
        id: requestId,
        key: 'key-1',
        userId,
        identifier,
        type: 'UPDATE',
        status: 'SUCCESS',
        revision: 2,
        deadLettered: false,
      },
    ],
    revisions: [row(1, 'CREATE'), row(2)],
    keys: [1, 2].map((revision) => ({ userId, key: `key-${revision}`, revision })),
    audit: [1, 2].map((revision) => ({
      target: identifier,
      revision,
      action: 'request.update',
      outcome: 'accepted',
    })),
    unsentOutbox: 0,
    cluster: [object(2)],
    shown: [shownOf(object(2))],
    deadLetters: new Set(),
  };
  return { ledger, snapshot };
}

const nothing: ReadonlySet<string> = new Set();

function rules(ledger: Ledger, snapshot: Snapshot, setBack = nothing): readonly string[] {
  return [...checkRequests(ledger, snapshot, setBack), ...checkCluster(snapshot)].map(
    ({ rule }) => rule,
  );
}

/** The rules that are broken when the sound state is changed like this. */
function brokenBy(
  change: (snapshot: Snapshot) => Partial<Snapshot>,
  setBack = nothing,
): readonly string[] {
  const { ledger, snapshot } = sound();
  return rules(ledger, { ...snapshot, ...change(snapshot) }, setBack);
}

describe('the checks of the deployments workload', () => {
  it('find nothing where everything is as promised', () => {
    const { ledger, snapshot } = sound();
    expect(rules(ledger, snapshot)).toEqual([]);
  });

  it('find a promise that is lost', () => {
    expect(brokenBy(({ keys }) => ({ keys: keys.slice(0, 1) }))).toEqual(['lost']);
    expect(brokenBy(() => ({ requests: [] }))).toEqual(['lost', 'lost']);
  });

  it('find a promise that became another one', () => {
    const other = { ...row(2), intent: intent('9') };
    const broken = brokenBy(({ revisions }) => ({ revisions: [...revisions.slice(0, 1), other] }));
    expect(broken).toEqual(['changed', 'differs']);
  });

  it('find a request that was made twice under one id', () => {
    const broken = brokenBy(({ requests }) => ({
      requests: [...requests, ...requests.map((request) => ({ ...request, id: 'request-2' }))],
    }));
    expect(broken).toEqual(['doubled']);
  });

  it('find a revision that nobody asked for, and allow the platform to put right what was set back', () => {
    const third = { revisions: [row(1, 'CREATE'), row(2), { ...row(3), intent: intent('2') }] };
    const repeated = { ...object(3), intent: intent('2') };
    const cluster = { cluster: [repeated], shown: [shownOf(repeated)] };
    const entry = { target: identifier, revision: 3, outcome: '' };
    const more = (action: string, setBack = nothing) => {
      const all = { ...third, ...cluster };
      return brokenBy(
        ({ audit }) => ({ ...all, audit: [...audit, { ...entry, action }] }),
        setBack,
      );
    };
    expect(more('request.update')).toEqual(['doubled']);
    expect(more('request.reopen')).toEqual(['repeated']);
    expect(more('request.reopen', new Set([identifier]))).toEqual([]);
  });

  it('find what is stuck', () => {
    const open = { ...row(2), status: 'OPEN', endedAtMs: null };
    expect(brokenBy(() => ({ revisions: [row(1, 'CREATE'), open] }))).toEqual(['stuck']);
    const created = (snapshot: Snapshot) => ({
      requests: snapshot.requests.map((request) => ({ ...request, status: 'CREATED' })),
    });
    expect(brokenBy(created)).toEqual(['stuck']);
    expect(brokenBy(() => ({ unsentOutbox: 3 }))).toEqual(['outbox']);
  });

  it('find a failure that is not in the dead letters', () => {
    const failed = { ...row(2), status: 'FAILURE', errorCode: 'x', errorMessage: 'invalid' };
    const revisions = [row(1, 'CREATE'), failed];
    expect(brokenBy(() => ({ revisions }))).toEqual(['refused']);
    const silent = [row(1, 'CREATE'), { ...failed, errorMessage: null }];
    expect(brokenBy(() => ({ revisions: silent }))).toEqual(['no-reason']);
    const missing = (snapshot: Snapshot) => ({
      revisions,
      requests: snapshot.requests.map((request) => ({ ...request, deadLettered: true })),
    });
    expect(brokenBy(missing)).toEqual(['dead-letter-missing']);
    const deadLetters = new Set([`${requestId} 2`]);
    expect(brokenBy(() => ({ revisions, deadLetters }))).toEqual([]);
  });

  it('find an older revision over a newer one, and a difference', () => {
    const show = (shown: ClusterObject) => ({ cluster: [shown], shown: [shownOf(shown)] });
    expect(brokenBy(() => show(object(1)))).toEqual(['older']);
    expect(brokenBy(() => show({ ...object(2), intent: intent('1') }))).toEqual(['differs']);
  });

  it('find what is absent, what is not gone and what nobody asked for', () => {
    expect(brokenBy(() => ({ cluster: [], shown: [] }))).toEqual(['absent']);
    const { ledger, snapshot } = sound();
    ledger.promised[1] = promise(2, 'DELETE');
    const deleted = { ...snapshot, revisions: [row(1, 'CREATE'), row(2, 'DELETE')] };
    expect(rules(ledger, { ...deleted, cluster: [], shown: [] })).toEqual([]);
    const there = { cluster: [object(1)], shown: [shownOf(object(1))] };
    expect(rules(ledger, { ...deleted, ...there })).toEqual(['not-gone']);
    const foreign = { ...object(1), identifier: 'other' };
    const withForeign = [object(2), foreign];
    expect(brokenBy(() => ({ cluster: withForeign, shown: withForeign.map(shownOf) }))).toEqual([
      'orphan',
    ]);
  });

  it('find a list that differs from the cluster', () => {
    expect(brokenBy(() => ({ shown: [] }))).toEqual(['shown']);
    const stale = { ...shownOf(object(2)), resourceVersion: '99' };
    expect(brokenBy(() => ({ shown: [stale] }))).toEqual(['shown']);
  });

  it('find revisions that ended in another order, and audit entries too many or too few', () => {
    const late = { ...row(1, 'CREATE'), endedAtMs: 1_000 };
    expect(brokenBy(() => ({ revisions: [late, row(2)] }))).toEqual(['order']);
    expect(brokenBy(({ audit }) => ({ audit: audit.slice(1) }))).toEqual(['audit']);
    expect(brokenBy(({ audit }) => ({ audit: [...audit, ...audit.slice(1)] }))).toEqual(['audit']);
  });

  it('report calls that were never answered', () => {
    const { ledger, snapshot } = sound();
    ledger.unanswered.set('key-9', { identifier, operation: 'SCALE' });
    expect(rules(ledger, snapshot)).toEqual(['unanswered']);
  });
});
