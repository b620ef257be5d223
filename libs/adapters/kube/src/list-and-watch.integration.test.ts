import { eventually } from '@windlass/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient } from './index.ts';
import type { FaultProxy } from './testing/fault-proxy.ts';
import {
  churn,
  configMap,
  configMaps,
  convergence,
  counted,
  inParallel,
  type Mirror,
  startMirror,
  type TestClient,
} from './testing/kube-fixture.ts';
import { followOwnTimers, type OwnTimers } from './testing/own-timers.ts';
import { openProxiedCluster, type ProxiedCluster } from './testing/proxied-cluster.ts';

const options = { fieldManager: 'test' };

let namespace: string;
let direct: KubeClient;
let proxy: FaultProxy;
let proxied: TestClient;
let mirror: Mirror | null;
let cluster: ProxiedCluster;
let timers: OwnTimers;

beforeEach(async () => {
  mirror = null;
  cluster = await openProxiedCluster();
  ({ namespace, client: direct, proxy, proxied } = cluster);
  timers = followOwnTimers();
  cluster.onClose(async () => timers.restore());
});

afterEach(async () => {
  await mirror?.stop();
  await cluster.close();
});

async function make(...names: readonly string[]): Promise<void> {
  await inParallel(names, 16, (name) =>
    direct.create(configMaps, configMap(namespace, name), options),
  );
}

function start(relistMs?: number): Mirror {
  return startMirror(proxied.client, namespace, relistMs);
}

/** A mirror of three objects that is synced and watches. */
async function watchingMirror(relistMs?: number): Promise<Mirror> {
  await make('kept', 'changed', 'removed');
  const made = start(relistMs);
  mirror = made;
  expect(await made.synced).toBe(true);
  await eventually(() => expect(proxy.openWatches()).toBe(1), { deadlineMs: 5_000 });
  return made;
}

const changes = { make: 'made', change: 'changed', remove: 'removed' };

function status(code: number, reason: string): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
}

/** Restarts for one reason, or for all. */
function restarts(reason?: string): Promise<number> {
  return counted(proxied.metrics, 'kube_watch_restarts_total', labelOf(reason));
}

/** Lists for one reason, or for all. */
function lists(reason?: string): Promise<number> {
  return counted(proxied.metrics, 'kube_watch_lists_total', labelOf(reason));
}

function labelOf(reason: string | undefined): string {
  return reason === undefined ? '' : `reason="${reason}"`;
}

describe('list and watch, in good order', () => {
  it('tells of more objects than a page holds, and of each change within a second', async () => {
    const names = Array.from({ length: 620 }, (_, index) => `many-${index}`);
    await make(...names);
    mirror = start();
    expect(mirror.isSynced()).toBe(false);
    await mirror.synced;
    expect(mirror.isSynced()).toBe(true);
    await convergence(mirror, direct, namespace, 0);
    expect(mirror.objectCount()).toBe(620);
    expect(proxy.requests.filter((request) => !request.isWatch).length).toBe(2);
    await churn(direct, namespace, { make: 'made', change: 'many-7', remove: 'many-9' });
    await convergence(mirror, direct, namespace, 1_000);
    expect(mirror.changes.length).toBe(620 + 3);
    await inParallel(names.slice(100, 400), 16, (name) =>
      direct.delete(configMaps, { namespace, name }),
    );
    await convergence(mirror, direct, namespace, 1_000);
    expect(mirror.objectCount()).toBe(320);
  });

  it('tells only of what the selector takes in, and of what leaves it', async () => {
    const watching = await watchingMirror();
    const foreign = { metadata: { name: 'foreign', namespace }, data: {} };
    await direct.create(configMaps, foreign, options);
    const unlabel = [{ op: 'remove', path: '/metadata/labels' }] as const;
    await direct.jsonPatch(configMaps, { namespace, name: 'kept' }, unlabel, options);
    await convergence(watching, direct, namespace, 1_000);
    expect([...watching.known.keys()].sort()).toEqual(['changed', 'removed']);
  });

  it('stays fresh while nothing happens, over one connection and without a list', async () => {
    const watching = await watchingMirror();
    const requestsBefore = proxy.requests.length;
    const ages: number[] = [];
    await eventually(
      async () => {
        ages.push(watching.signalAgeMs());
        expect(await restarts('expired')).toBeGreaterThanOrEqual(2);
      },
      { deadlineMs: 40_000 },
    );
    expect(Math.max(...ages)).toBeLessThan(15_500);
    expect(proxy.requests.slice(requestsBefore).every((request) => request.isWatch)).toBe(true);
    // The calls' connection was closed after its idle time, the watch's is the one of the start.
    expect(proxy.openSockets()).toBeLessThanOrEqual(2);
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 1_000);
    expect(await lists()).toBe(1);
  });

  it('lists again now and then, which finds nothing new', async () => {
    const watching = await watchingMirror(300);
    await eventually(async () => expect(await lists('periodic')).toBeGreaterThan(2), {
      deadlineMs: 5_000,
    });
    expect(watching.changes.length).toBe(3);
  });
});

describe('list and watch, through faults', () => {
  it('goes on after a reset', async () => {
    const watching = await watchingMirror();
    proxy.resetAll();
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 1_000);
    expect(await restarts('failed')).toBe(1);
    expect(await lists()).toBe(1);
  });

  it('goes on after many resets amid many changes', async () => {
    const watching = await watchingMirror();
    const names = Array.from({ length: 300 }, (_, index) => `burst-${index}`);
    let count = 0;
    await inParallel(names, 8, async (name) => {
      await direct.create(configMaps, configMap(namespace, name), options);
      count += 1;
      if (count % 40 === 0) proxy.resetAll();
      if (count % 3 === 0) await direct.delete(configMaps, { namespace, name });
    });
    await convergence(watching, direct, namespace, 5_000);
    expect(watching.objectCount()).toBe(3 + 200);
  });

  it.each([
    ['HTTP 500', { kind: 'answer', status: 500, body: status(500, 'InternalError') }],
    ['HTTP 503 without a Status', { kind: 'answer', status: 503, body: '<html>no server</html>' }],
    ['HTTP 401', { kind: 'answer', status: 401, body: status(401, 'Unauthorized') }],
    ['HTTP 403', { kind: 'answer', status: 403, body: status(403, 'Forbidden') }],
    ['a page instead of an answer', { kind: 'answer', status: 200, body: '<html>log in</html>\n' }],
    ['resets', { kind: 'reset' }],
    ['cut answers', { kind: 'cut', bytes: 40 }],
  ] as const)('goes on after %s to every list and watch for a while', async (_name, fault) => {
    const watching = await watchingMirror();
    let faults = 0;
    proxy.fault = () => {
      faults += 1;
      return faults <= 8 ? fault : null;
    };
    proxy.resetAll();
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 15_000);
    expect(faults).toBeGreaterThan(8);
  });

  it.each([
    ['as the status of a watch', true],
    ['as an event', false],
  ])('lists again after 410 Gone %s', async (_name, asStatus) => {
    const watching = await watchingMirror();
    proxy.fault = (request) => {
      if (!request.isWatch || !asStatus) return null;
      proxy.fault = () => null;
      return { kind: 'answer', status: 410, body: status(410, 'Expired') };
    };
    if (asStatus) proxy.resetAll();
    else proxy.writeToWatches(`{"type":"ERROR","object":${status(410, 'Expired')}}\n`);
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 2_000);
    expect(await lists('gone')).toBe(1);
  });

  it('begins a list anew when its continue token expires', async () => {
    await make(...Array.from({ length: 501 }, (_, index) => `many-${index}`));
    let expired = 0;
    proxy.fault = (request) => {
      if (!request.url.searchParams.has('continue') || expired > 0) return null;
      expired += 1;
      return { kind: 'answer', status: 410, body: status(410, 'Expired') };
    };
    mirror = start();
    await mirror.synced;
    expect(expired).toBe(1);
    await convergence(mirror, direct, namespace, 0);
    expect(mirror.changes.length).toBe(501);
  });

  it('obeys Retry-After', async () => {
    const watching = await watchingMirror();
    const headers = { 'retry-after': '2' };
    let refusedAtMs = 0;
    let backAtMs = 0;
    proxy.fault = () => {
      if (refusedAtMs === 0) {
        refusedAtMs = performance.now();
        return { kind: 'answer', status: 429, body: status(429, 'TooManyRequests'), headers };
      }
      backAtMs ||= performance.now();
      return null;
    };
    proxy.resetAll();
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 5_000);
    expect(backAtMs - refusedAtMs).toBeGreaterThanOrEqual(1_990);
  });

  it('finds what changed and went while no API server was there', async () => {
    const watching = await watchingMirror();
    proxy.refusing = true;
    proxy.resetAll();
    await churn(direct, namespace, changes);
    await eventually(async () => expect(await restarts('failed')).toBeGreaterThan(4), {
      deadlineMs: 20_000,
    });
    // Where the history was compacted meanwhile, too.
    proxy.fault = (request) =>
      request.isWatch && request.url.searchParams.get('resourceVersion') === resumedAt
        ? { kind: 'answer', status: 410, body: status(410, 'Expired') }
        : null;
    const resumedAt = proxy.requests.at(-1)?.url.searchParams.get('resourceVersion');
    proxy.refusing = false;
    await convergence(watching, direct, namespace, 10_000);
    expect(watching.changes.at(-1)?.type).toBeDefined();
    expect(proxied.lines.filter((line) => line.includes('"level":"warn"')).length).toBeLessThan(4);
  });

  it('notices a connection that was dropped without a word within 30 s', async () => {
    const watching = await watchingMirror();
    proxy.freezeAll();
    const startMs = performance.now();
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 30_000);
    const elapsedMs = performance.now() - startMs;
    // Not within the 5 s in which a new watch must be answered: this one had been.
    expect(elapsedMs).toBeGreaterThan(5_500);
    expect(elapsedMs).toBeLessThan(20_000);
    expect(await restarts('silent')).toBe(1);
    // The connection of the calls died with the watch's, and was closed with it.
    await proxied.client.version({ deadlineMs: 2_000 });
    // Nothing is left of the dead connections.
    await watching.stop();
    proxied.client.close();
    await eventually(() => expect(proxy.openSockets()).toBe(0), { deadlineMs: 1_000 });
  });

  it.each([
    ['a line that is cut', '{"type":"ADDED","object":{"metadata":{"name":"gh\n'],
    ['a line that is no event', '{"hello":"world"}\n'],
    ['an event without a version', '{"type":"ADDED","object":{"metadata":{"name":"ghost"}}}\n'],
    ['a line without an end', 'x'.repeat(5 * 1024 * 1024)],
  ])('goes on after %s', async (_name, bytes) => {
    const watching = await watchingMirror();
    proxy.writeToWatches(bytes);
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 3_000);
    expect(await restarts('malformed')).toBe(1);
    expect(watching.known.has('ghost')).toBe(false);
  });

  it('passes over types of events that it does not know', async () => {
    const watching = await watchingMirror();
    proxy.writeToWatches('{"type":"NEWER","object":{}}\n\n');
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 1_000);
    expect(await restarts()).toBe(0);
  });

  it('tells again, after the next list, of what its handler failed on', async () => {
    const watching = await watchingMirror(500);
    watching.failing = new Error('handler');
    await churn(direct, namespace, changes);
    await eventually(
      async () =>
        expect(
          await counted(proxied.metrics, 'kube_watch_handler_failures_total', ''),
        ).toBeGreaterThanOrEqual(3),
      { deadlineMs: 5_000 },
    );
    expect(watching.changes.length).toBe(3);
    watching.failing = null;
    await convergence(watching, direct, namespace, 3_000);
  });

  it('refuses a list that is older than what it has seen, until every list is', async () => {
    const watching = await watchingMirror(500);
    const old = { metadata: { resourceVersion: '1' }, items: [] };
    let oldLists = 0;
    proxy.fault = (request) => {
      if (request.isWatch) return null;
      oldLists += 1;
      return { kind: 'answer', status: 200, body: JSON.stringify(old) };
    };
    await eventually(() => expect(oldLists).toBeGreaterThanOrEqual(4), { deadlineMs: 5_000 });
    expect(watching.known.size).toBe(3);
    expect(proxied.lines.some((line) => line.includes('the list is of version 1'))).toBe(true);
    proxy.fault = () => null;
    await churn(direct, namespace, changes);
    await convergence(watching, direct, namespace, 5_000);
  });

  it('accepts an older history when every list shows it, as after a restored backup', async () => {
    const watching = await watchingMirror(300);
    const metadata = { namespace, name: 'restored', uid: 'u', resourceVersion: '2' };
    const old = { metadata: { resourceVersion: '3' }, items: [{ metadata }] };
    proxy.fault = (request) =>
      request.isWatch
        ? { kind: 'hang' }
        : { kind: 'answer', status: 200, body: JSON.stringify(old) };
    await eventually(() => expect([...watching.known]).toEqual([['restored', '2']]), {
      deadlineMs: 15_000,
    });
    const deleted = watching.changes.filter((change) => change.type === 'deleted');
    expect(deleted.map((change) => `${change.name} ${change.resourceVersion}`)).toEqual([
      'changed 3',
      'kept 3',
      'removed 3',
    ]);
    expect(proxied.lines.some((line) => line.includes('kube_history_rewound'))).toBe(true);
  });
});

/** No socket and no timer is left, and no event comes after. */
async function expectNothingLeft(stopping: Mirror): Promise<void> {
  const told = stopping.changes.length;
  const startMs = performance.now();
  expect(timers.pending()).not.toEqual([]);
  await stopping.stop();
  expect(performance.now() - startMs).toBeLessThan(1_000);
  expect(timers.pending()).toEqual([]);
  // A watch is never left behind, even while its client lives on.
  await eventually(() => expect(proxy.openWatches()).toBe(0), { deadlineMs: 1_000 });
  proxied.client.close();
  await eventually(() => expect(proxy.openSockets()).toBe(0), { deadlineMs: 1_000 });
  await churn(direct, namespace, { make: 'late', change: 'kept', remove: 'changed' });
  expect(stopping.changes.length).toBe(told);
  expect(stopping.violations).toEqual([]);
  const errors = proxied.lines.filter((line) => line.includes('"level":"error"'));
  expect(errors).toEqual([]);
}

describe('list and watch, stopped', () => {
  it('while it watches', async () => {
    const watching = await watchingMirror();
    expect(proxy.openWatches()).toBe(1);
    await expectNothingLeft(watching);
  });

  it('while its first list has no answer', async () => {
    await make('kept', 'changed');
    proxy.fault = () => ({ kind: 'hang' });
    mirror = start();
    await eventually(() => expect(proxy.requests.length).toBe(1), { deadlineMs: 5_000 });
    await expectNothingLeft(mirror);
    expect(await mirror.synced).toBe(false);
  });

  it('while a watch has no answer', async () => {
    await make('kept', 'changed');
    proxy.fault = (request) => (request.isWatch ? { kind: 'hang' } : null);
    mirror = start();
    await eventually(() => expect(proxy.requests.at(-1)?.isWatch).toBe(true), {
      deadlineMs: 5_000,
    });
    await expectNothingLeft(mirror);
  });

  it('while it pauses after a failed list', async () => {
    await make('kept', 'changed');
    proxy.fault = () => ({ kind: 'answer', status: 500, body: status(500, 'InternalError') });
    mirror = start();
    await eventually(() => expect(proxy.requests.length).toBeGreaterThan(3), {
      deadlineMs: 10_000,
    });
    await expectNothingLeft(mirror);
  });

  it('while it pauses after a failed watch', async () => {
    await make('kept', 'changed');
    proxy.fault = (request) => (request.isWatch ? { kind: 'reset' } : null);
    mirror = start();
    await eventually(() => expect(proxy.requests.length).toBeGreaterThan(3), {
      deadlineMs: 10_000,
    });
    await expectNothingLeft(mirror);
  });

  it('while it lists beside the watch', async () => {
    const watching = await watchingMirror(100);
    proxy.fault = (request) => (request.isWatch ? null : { kind: 'hang' });
    await eventually(async () => expect(await lists('periodic')).toBe(1), { deadlineMs: 5_000 });
    await expectNothingLeft(watching);
  });

  it('from within its handler', async () => {
    await make('a', 'b', 'kept', 'changed');
    mirror = start();
    const { changes: told } = mirror;
    const push = told.push.bind(told);
    const stopAtFirst = mirror.stop;
    told.push = (...items) => {
      void stopAtFirst();
      return push(...items);
    };
    await mirror.stopped;
    expect(told.length).toBe(1);
    expect(timers.pending()).toEqual([]);
    await eventually(() => expect(proxy.openWatches()).toBe(0), { deadlineMs: 1_000 });
  });

  it('before it began', async () => {
    const before = start();
    await before.stop();
    expect(await before.synced).toBe(false);
    expect(proxy.openWatches()).toBe(0);
  });
});
