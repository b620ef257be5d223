/**
 * A release, put together as in a cluster: the images' own build steps, the variables and files of the
 * pods that the charts render, the probes that they ask, and the rights of their service accounts. A
 * deployment then goes all its way. What is not here is Docker and a kubelet.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  eventually,
  freePorts,
  type TemporaryFolder,
  type TestKubernetes,
  type TestNats,
  type TestPostgres,
  temporaryFolder,
  testKubernetes,
  testNats,
  testPostgres,
} from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { appCharts, render, repositoryDir } from './testing/charts.ts';
import { type RunningContainer, startContainer } from './testing/container.ts';
import { buildWithoutDocker, readDockerfile } from './testing/dockerfile.ts';
import { type Kubectl, kubectlOf } from './testing/kubectl.ts';
import { containerOf, environmentOf, type Manifest, only, podOf } from './testing/manifest.ts';

type AppName = (typeof appCharts)[number];
type App = {
  readonly name: AppName;
  readonly url: string;
  readonly graceSeconds: number;
  readonly probes: readonly string[];
  readonly container: RunningContainer;
};

/** Three bundles take seconds, and a minute on a machine that does much else. */
const bundlesDeadlineMs = 180_000;

const dockerfile = readDockerfile(join(repositoryDir, 'deploy/images/app.Dockerfile'));

let folder: TemporaryFolder;
let database: TestPostgres;
let nats: TestNats;
let cluster: TestKubernetes;
let kubectl: Kubectl;
let rights: readonly Manifest[] = [];
const apps = new Map<AppName, App>();

beforeAll(async () => {
  folder = temporaryFolder();
  [database, nats, cluster] = await Promise.all([testPostgres(), testNats(), testKubernetes()]);
  kubectl = kubectlOf(cluster.kubeconfigPath);
  const ports = await freePorts(appCharts.length);
  const rendered = await Promise.all(
    appCharts.map((name, index) =>
      render(name, { namespace: cluster.namespace, set: valuesOf(name, ports[index] ?? 0) }),
    ),
  );
  rights = rendered.flat().filter(({ kind }) => /Role|^ServiceAccount$/.test(kind));
  await kubectl(['create', '-f', '-'], { items: rights });
  for (const [index, name] of appCharts.entries()) {
    apps.set(name, await start(name, rendered[index] ?? [], ports[index] ?? 0));
  }
}, bundlesDeadlineMs);
afterAll(async () => {
  for (const { container } of apps.values()) container.terminate();
  await Promise.all([...apps.values()].map(({ container }) => container.ended));
  await kubectl(['delete', '--ignore-not-found', '-f', '-'], { items: rights });
  await Promise.all([database.drop(), nats.drop(), cluster.drop()]);
  folder.remove();
});

function valuesOf(name: AppName, port: number): readonly string[] {
  const common = [
    `http.port=${port}`,
    'http.host=127.0.0.1',
    `settings.NATS_URL=${nats.url}`,
    `settings.NATS_SUBJECT_PREFIX=${nats.prefix}`,
    // Stands for the token that a kubelet mounts.
    'files.KUBECONFIG.secret=cluster,files.KUBECONFIG.key=kubeconfig',
  ];
  switch (name) {
    case 'api':
      return [
        ...common,
        `settings.DEFAULT_NAMESPACE=${cluster.namespace}`,
        'settings.TRUSTED_PROXIES={127.0.0.1/32}',
        `rbac.namespaces={${cluster.namespace}}`,
      ];
    case 'worker':
      return [...common, `rbac.namespaces={${cluster.namespace}}`];
    case 'watcher':
      return [...common, `settings.WATCH_NAMESPACE=${cluster.namespace}`];
    default:
      return name satisfies never;
  }
}

async function start(name: AppName, manifests: readonly Manifest[], port: number): Promise<App> {
  const deployment = only(manifests, 'Deployment');
  const container = containerOf(deployment);
  const root = join(folder.path, name);
  const build = { args: { APP: name }, root: repositoryDir, folder: root };
  const image = await buildWithoutDocker(dockerfile, build);
  const running = startContainer({
    image,
    folder: root,
    env: environmentOf(container),
    files: {
      '/etc/windlass/DATABASE_URL': database.url,
      '/etc/windlass/KUBECONFIG': await kubeconfigOf(only(manifests, 'ServiceAccount')),
    },
  });
  const paths = [container.livenessProbe, container.readinessProbe].map(
    (probe) => probe?.httpGet?.path ?? '',
  );
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    graceSeconds: podOf(deployment).terminationGracePeriodSeconds,
    probes: paths,
    container: running,
  };
}

/** The test's cluster, with the rights of a service account. */
async function kubeconfigOf({ metadata: { name } }: Manifest): Promise<string> {
  const token = await kubectl(['create', 'token', name, '-n', cluster.namespace]);
  const admin = parse(readFileSync(cluster.kubeconfigPath, 'utf8')) as {
    readonly clusters: readonly { readonly name: string }[];
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: admin.clusters,
    users: [{ name, user: { token: token.trim() } }],
    contexts: [{ name, context: { cluster: admin.clusters[0]?.name, user: name } }],
    'current-context': name,
  });
}

function appOf(name: AppName): App {
  const app = apps.get(name);
  if (app === undefined) throw new Error(`${name} was not started`);
  return app;
}

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${appOf('api').url}/api/v1${path}`, {
    method,
    headers: {
      'x-user-id': 'alice',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const answer: Readonly<Record<string, unknown>> = isJson ? JSON.parse(text) : {};
  return { status: response.status, body: answer };
}

async function untilSuccess(id: unknown): Promise<void> {
  await eventually(
    async () => {
      const { body } = await call('GET', `/deployments/requests/${String(id)}`);
      expect(body).toMatchObject({ status: 'SUCCESS' });
    },
    { deadlineMs: 30_000 },
  );
}

describe('a release', () => {
  it.each(appCharts)('%s answers the probes of its chart', async (name) => {
    const { url, probes, container } = appOf(name);
    for (const path of [...probes, '/metrics']) {
      const answered = async () => (await fetch(`${url}${path}`)).status === 200;
      const outcome = await eventually(answered, { deadlineMs: 30_000 }).catch(() => false);
      expect({ path, outcome, log: container.output() }).toMatchObject({ outcome: true });
    }
  });

  it('carries a deployment through: made, shown, tried, changed, removed', async () => {
    const service = { ports: [{ port: 80 }] };
    const wanted = { identifier: 'web', image: 'nginx:1.27', replicas: 1, service };
    const tried = await call('POST', '/deployments/requests/create?dryRun=server', wanted);
    expect(tried).toMatchObject({ status: 200, body: { valid: true, problems: [] } });
    const made = await call('POST', '/deployments/requests/create', wanted);
    expect(made.status).toBe(202);
    await untilSuccess(made.body['id']);
    await eventually(
      async () =>
        expect((await call('GET', '/deployments/web')).body).toMatchObject({ health: 'Healthy' }),
      { deadlineMs: 30_000 },
    );
    for (const part of ['pods', 'events']) {
      const { status, body } = await call('GET', `/deployments/web/${part}`);
      expect({ part, status }).toEqual({ part, status: 200 });
      expect(body['items']).not.toEqual([]);
    }
    // KWOK's pods have no log of their own; what matters is that the cluster was asked, and let it be.
    const log = await call('GET', '/deployments/web/logs');
    expect(JSON.stringify(log.body)).not.toContain('forbidden');
    const path = `/deployments/requests/${String(made.body['id'])}`;
    const change = { image: 'nginx:1.28', service: null };
    const shown = await call('PATCH', `${path}?dryRun=server`, change);
    expect(shown.body).toMatchObject({ valid: true, problems: [] });
    const changed = await call('PATCH', path, change);
    expect(changed.status).toBe(202);
    await untilSuccess(made.body['id']);
    await expect(kubectl(['get', 'service/web', '-n', cluster.namespace])).rejects.toThrow(
      'not found',
    );
    expect((await call('DELETE', `${path}?dryRun=server`)).body).toMatchObject({ valid: true });
    expect((await call('DELETE', path)).status).toBe(202);
    await eventually(
      async () => {
        const left = await kubectl(['get', 'deployments', '-n', cluster.namespace, '-o', 'name']);
        expect(left).toBe('');
      },
      { deadlineMs: 30_000 },
    );
    for (const { name, container } of apps.values()) {
      expect({ name, log: container.output() }).not.toMatchObject({
        log: expect.stringContaining('forbidden'),
      });
    }
  });

  it.each(appCharts)('%s ends before its grace period does, with 0', async (name) => {
    const { container, graceSeconds } = appOf(name);
    const startedMs = performance.now();
    container.terminate();
    expect({ code: await container.ended, log: container.output() }).toMatchObject({ code: 0 });
    expect(performance.now() - startedMs).toBeLessThan(graceSeconds * 1_000);
  });
});
