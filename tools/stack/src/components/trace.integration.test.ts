/**
 * One trace through the platform: the API, the worker and the watcher as processes, on real servers,
 * with a collector for their spans and a recorder before the API server.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { required } from '@windlass/base';
import {
  eventually,
  freePorts,
  temporaryFolder,
  testKubernetes,
  testNats,
  testPostgres,
} from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryDir } from '../state/folder.ts';
import type { AppName } from '../state/plan.ts';
import {
  type RecordingApiServer,
  startRecordingApiServer,
} from '../testing/recording-api-server.ts';
import {
  type CollectedSpan,
  type SpanCollector,
  startSpanCollector,
} from '../testing/span-collector.ts';
import { appMainFile } from './apps.ts';

const readyDeadlineMs = 60_000;
const createPath = '/api/v1/deployments/requests/create';
const incoming = { traceId: 'a'.repeat(31) + '1', spanId: '00f067aa0ba902b7' };
const changing = { traceId: 'b'.repeat(31) + '2', spanId: '00f067aa0ba902b8' };

const folder = temporaryFolder();
const hooks: (() => unknown)[] = [];
let collector: SpanCollector;
let recorder: RecordingApiServer;
let namespace: string;
let base: Readonly<Record<string, string>>;

beforeAll(async () => {
  const [database, nats, cluster] = await Promise.all([
    testPostgres(),
    testNats(),
    testKubernetes(),
  ]);
  hooks.push(folder.remove, cluster.drop, nats.drop, database.drop);
  collector = await startSpanCollector();
  recorder = await startRecordingApiServer(cluster.kubeconfigPath, folder.path);
  hooks.push(collector.close, recorder.close);
  namespace = cluster.namespace;
  base = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    NATS_SUBJECT_PREFIX: nats.prefix,
    KUBECONFIG: recorder.kubeconfigPath,
    DEFAULT_NAMESPACE: namespace,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
  };
});

afterAll(async () => {
  for (const hook of hooks.toReversed()) await hook();
});

describe('the trace of a request', () => {
  it('goes through the outbox, NATS and the worker to the API server, each under its parent', async () => {
    const api = await startApp('api');
    const watcher = await startApp('watcher', { WATCH_NAMESPACE: namespace });
    const created = await call(api.url, 'POST', createPath, incoming, {
      identifier: 'traced',
      image: 'nginx:1.27',
    });
    // Both wait for the worker, so that the first one's wake carries out both.
    await call(api.url, 'PATCH', `/api/v1/deployments/requests/${created}`, changing, {
      image: 'nginx:1.28',
    });
    const worker = await startApp('worker');
    await eventually(
      async () => {
        const answer = await fetch(`${api.url}/api/v1/deployments/requests/${created}`, {
          headers: { 'x-user-id': 'ada' },
        });
        expect(await answer.json()).toMatchObject({ status: 'SUCCESS', revision: 2 });
      },
      { deadlineMs: 30_000 },
    );
    // The end of a process exports what is waiting.
    await Promise.all([api, worker, watcher].map((app) => app.stop()));

    const creation = pathFrom(incoming, `POST ${createPath}`);
    expect(creation.processed.name).toMatch(/^process .*_REVISIONS$/);
    expect(creation.processed.parentSpanId).toBe(creation.request.spanId);
    expect(creation.tried.parentSpanId).toBe(creation.processed.spanId);
    expect(creation.tried.attributes).toMatchObject({ identifier: 'traced' });
    const [post] = requestsOf(incoming, 'POST');
    expect(post?.path).toContain(`/namespaces/${namespace}/deployments`);
    expect(post?.headers['traceparent']).toBe(
      traceparent(incoming.traceId, creation.written.spanId),
    );

    const change = pathFrom(changing, 'PATCH /api/v1/deployments/requests/:id');
    const [patch] = requestsOf(changing, 'PATCH');
    expect(patch?.path).toContain(`/namespaces/${namespace}/deployments/traced`);
    expect(patch?.headers['traceparent']).toBe(
      traceparent(changing.traceId, change.written.spanId),
    );

    // A change that the watcher sees is the cluster's, whoever asked for it.
    const services = new Set(spansOf(incoming).map(({ service }) => service));
    expect([...services].toSorted()).toEqual(['api', 'worker']);
  }, 120_000);
});

type Trace = { readonly traceId: string; readonly spanId: string };

function spansOf({ traceId }: Trace): readonly CollectedSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId);
}

/** The spans of one trace that must be there, with the parents that hold for every request. */
function pathFrom(trace: Trace, requestName: string) {
  const spans = spansOf(trace);
  const names = spans.map(({ service, name }) => `${service}: ${name}`);
  const find = (what: string, matches: (span: CollectedSpan) => boolean) =>
    required(spans.find(matches), `a span ${what} among ${names.join(', ')}`);
  const request = find(
    requestName,
    ({ service, name }) => service === 'api' && name === requestName,
  );
  const tried = find(
    'revision.try',
    ({ service, name }) => service === 'worker' && name === 'revision.try',
  );
  const written = find('of the write', ({ name }) =>
    /^kubernetes (create|apply|patch) deployments$/.test(name),
  );
  const processed = find('of the message', ({ name }) => name.startsWith('process '));
  expect(request.parentSpanId).toBe(trace.spanId);
  expect(written.service).toBe('worker');
  expect(written.parentSpanId).toBe(tried.spanId);
  return { request, processed, tried, written };
}

function requestsOf({ traceId }: Trace, method: string) {
  return recorder.requests.filter(
    (each) => each.method === method && String(each.headers['traceparent']).includes(traceId),
  );
}

function traceparent(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}

/** @returns the id of the request */
async function call(
  url: string,
  method: string,
  path: string,
  trace: Trace,
  body: object,
): Promise<string> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'x-user-id': 'ada',
      traceparent: traceparent(trace.traceId, trace.spanId),
    },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(202);
  const { id }: { readonly id: string } = JSON.parse(await answer.text());
  return id;
}

async function startApp(app: AppName, env: Readonly<Record<string, string>> = {}) {
  const [port = 0] = await freePorts(1);
  const child = spawn(process.execPath, [appMainFile(app)], {
    cwd: repositoryDir,
    env: { PATH: process.env['PATH'], ...base, ...env, HTTP_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  hooks.push(() => endNow(child, ended));
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${url}/ready`)).status).toBe(200), {
    deadlineMs: readyDeadlineMs,
  });
  const stop = async () => {
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  };
  return { url, stop };
}

async function endNow(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
