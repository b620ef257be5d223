/**
 * What the charts and the plain manifests hold, as a real API server sees it: all of it is accepted, the
 * pods keep the strictest Pod Security Standard, and the rights are those that the apps use.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  eventually,
  freePorts,
  locateServers,
  type TestKubernetes,
  temporaryFolder,
  testKubernetes,
} from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  appCharts,
  type ChartName,
  chartNames,
  parseManifests,
  render,
  repositoryDir,
} from './testing/charts.ts';
import { type Kubectl, kubectlOf } from './testing/kubectl.ts';
import { containerOf, type Manifest, only, podOf } from './testing/manifest.ts';

const manifestsDir = join(repositoryDir, 'deploy/kubernetes');

let cluster: TestKubernetes;
let kubectl: Kubectl;
beforeAll(async () => {
  cluster = await testKubernetes();
  kubectl = kubectlOf(cluster.kubeconfigPath);
  const level = 'pod-security.kubernetes.io/enforce=restricted';
  await kubectl(['label', 'namespace', cluster.namespace, level]);
});
afterAll(() => cluster.drop());

/** Everything that may be switched on, but what needs resources that the cluster hasn't. */
const allOptions = {
  api: ['autoscaling.enabled=true', 'networkPolicy.enabled=true'],
  worker: ['autoscaling.enabled=true', 'networkPolicy.enabled=true'],
  watcher: ['networkPolicy.enabled=true'],
  migrations: [],
  lockmgr: [
    'networkPolicy.enabled=true',
    'networkPolicy.clientsFrom[0].namespaceSelector.matchLabels.locks=yes',
    'region.peers[0].regionId=us-west,region.peers[0].host=lockmgr.west,region.peers[0].port=9091',
    'secrets.ADMIN_TOKEN.secret=lockmgr-admin,secrets.ADMIN_TOKEN.key=token',
  ],
};

function workloadKind(chart: ChartName): string {
  if (chart === 'migrations') return 'Job';
  return chart === 'lockmgr' ? 'StatefulSet' : 'Deployment';
}

/** Asked of the API server, with its admission, and written nowhere. */
function dryRun(manifests: readonly Manifest[]): Promise<string> {
  const args = ['apply', '--server-side', '--dry-run=server', '-n', cluster.namespace, '-f', '-'];
  return kubectl(args, { items: manifests });
}

/** The pod that a template would make. */
function podFrom(workload: Manifest): Manifest {
  const { serviceAccountName: _, ...spec } = podOf(workload);
  const metadata = { name: workload.metadata.name, namespace: cluster.namespace };
  const claims = (workload.spec?.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${workload.metadata.name}-0` },
  }));
  const volumes = [...(spec.volumes ?? []), ...claims];
  // The one thing that the standard doesn't ask for.
  expect(containerOf(workload).securityContext).toMatchObject({ readOnlyRootFilesystem: true });
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec, volumes } };
}

describe('the API server', () => {
  it.each(chartNames)('takes everything that %s renders to', async (chart) => {
    const { namespace } = cluster;
    const manifests = await render(chart, { namespace, set: allOptions[chart] });
    const said = await dryRun(manifests);
    expect(said.trim().split('\n')).toHaveLength(manifests.length);
    const workload = only(manifests, workloadKind(chart));
    await dryRun([podFrom(workload)]);
  });

  it.each(readdirSync(manifestsDir))('takes %s', async (file) => {
    const manifests = parseManifests(readFileSync(join(manifestsDir, file), 'utf8'));
    const said = await dryRun(manifests);
    expect(said.trim().split('\n')).toHaveLength(manifests.length);
    for (const workload of manifests.filter(({ spec }) => spec?.template !== undefined)) {
      await dryRun([podFrom(workload)]);
    }
  });
});

it('NATS starts with the configuration of its manifest, and answers its probes', async () => {
  const manifests = parseManifests(readFileSync(join(manifestsDir, 'nats.yaml'), 'utf8'));
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const [port, monitorPort] = await freePorts(2);
  const config = only(manifests, 'ConfigMap').data?.['nats.conf'] ?? '';
  const file = join(folder.path, 'nats.conf');
  // On this machine the ports and the folder may be somebody's.
  const adapted = [
    ['port: 4222', `port: ${port}`],
    ['http_port: 8222', `http_port: ${monitorPort}`],
    ['store_dir: /data', `store_dir: ${folder.path}/data`],
  ].reduce((text, [from = '', to = '']) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, config);
  writeFileSync(file, adapted);
  const server = spawn(locateServers().path('nats-server'), ['--config', file, '-a', '127.0.0.1'], {
    env: { POD_NAME: 'nats-0' },
    stdio: 'ignore',
  });
  const ended = once(server, 'exit');
  try {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(
      only(manifests, 'StatefulSet'),
    );
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
      const url = `http://127.0.0.1:${monitorPort}${probe?.httpGet?.path ?? ''}`;
      await eventually(async () => (await fetch(url)).status === 200);
    }
    const varz: unknown = await (await fetch(`http://127.0.0.1:${monitorPort}/varz`)).json();
    expect(varz).toMatchObject({ server_name: 'nats-0' });
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
});

type Question = readonly [verb: string, resource: string];

/** `deployments.apps`, `pods/log`: as in `kubectl auth can-i`. */
const needed: Readonly<Record<(typeof appCharts)[number], readonly Question[]>> = {
  api: [
    ...of('deployments.apps', 'get', 'create', 'patch', 'delete'),
    ...of('services', 'get', 'create', 'patch'),
    ...of('replicasets.apps', 'list'),
    ...of('pods', 'list'),
    ...of('pods/log', 'get'),
    ...of('events', 'list'),
  ],
  worker: [
    ...of('deployments.apps', 'get', 'list', 'create', 'patch', 'delete'),
    ...of('services', 'get', 'create', 'patch', 'delete'),
    ...of('replicasets.apps', 'list'),
    ...of('pods', 'list'),
    ...of('events', 'list'),
    ...of('horizontalpodautoscalers.autoscaling', 'list'),
  ],
  watcher: of('deployments.apps', 'list', 'watch'),
};

const everyVerb = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const;
const forbidden: readonly Question[] = [
  ...of('secrets', ...everyVerb),
  ...of('configmaps', ...everyVerb),
  ...of('serviceaccounts/token', 'create'),
  ...of('pods', 'get', 'watch', 'create', 'delete'),
  ...of('pods/exec', 'create'),
  ...of('nodes', 'get', 'list'),
  ...of('deployments.apps', 'update', 'deletecollection'),
  ...of('clusterroles.rbac.authorization.k8s.io', 'create', 'bind', 'escalate'),
  ...of('rolebindings.rbac.authorization.k8s.io', 'create'),
];

function of(resource: string, ...verbs: readonly string[]): readonly Question[] {
  return verbs.map((verb) => [verb, resource] as const);
}

describe('the rights', () => {
  const elsewhere = 'kube-system';

  it.each(appCharts)('of %s are those that it uses, and no others', async (chart) => {
    const { namespace } = cluster;
    await bind(await render(chart, { namespace }));
    await granted(chart, namespace, needed[chart]);
    await granted(chart, elsewhere, needed[chart]);
    const others = forbidden.filter(([verb, resource]) => !isNeeded(chart, verb, resource));
    expect(await refused(chart, namespace, others)).toEqual(others);
  });

  it.each(['api', 'worker'] as const)('of %s end where rbac.namespaces ends', async (chart) => {
    const { namespace } = cluster;
    const set = [`rbac.namespaces={${namespace}}`];
    await bind(await render(chart, { namespace, set }));
    await granted(chart, namespace, needed[chart]);
    const still = chart === 'worker' ? of('deployments.apps', 'list') : [];
    const gone = needed[chart].filter(([, resource]) => resource !== 'deployments.apps');
    expect(await refused(chart, elsewhere, gone)).toEqual(gone);
    await granted(chart, elsewhere, still);
    const writes = of('deployments.apps', 'create', 'patch', 'delete');
    expect(await refused(chart, elsewhere, writes)).toEqual(writes);
  });

  it('of the watcher end where WATCH_NAMESPACE ends', async () => {
    const { namespace } = cluster;
    const set = [`settings.WATCH_NAMESPACE=${namespace}`];
    await bind(await render('watcher', { namespace, set }));
    await granted('watcher', namespace, needed.watcher);
    expect(await refused('watcher', elsewhere, needed.watcher)).toEqual(needed.watcher);
  });
});

function isNeeded(chart: (typeof appCharts)[number], verb: string, resource: string): boolean {
  return needed[chart].some((each) => each[0] === verb && each[1] === resource);
}

/** Makes the rendered account and its rights, for real and for this test. */
async function bind(manifests: readonly Manifest[]): Promise<void> {
  const rights = manifests.filter(({ kind }) => /Role|^ServiceAccount$/.test(kind));
  onTestFinished(async () => {
    await kubectl(['delete', '--ignore-not-found', '-f', '-'], { items: rights });
  });
  await kubectl(['create', '-f', '-'], { items: rights });
}

/** The API server hears of a new role a moment after it was made. */
async function granted(
  chart: string,
  namespace: string,
  questions: readonly Question[],
): Promise<void> {
  await eventually(async () => expect(await refused(chart, namespace, questions)).toEqual([]));
}

/** Those of the questions that the API server answers with no. */
async function refused(
  chart: string,
  namespace: string,
  questions: readonly Question[],
): Promise<readonly Question[]> {
  if (questions.length === 0) return [];
  const user = `system:serviceaccount:${cluster.namespace}:windlass-${chart}`;
  const reviews = questions.map(([verb, target]) => {
    const [path = '', subresource = ''] = target.split('/');
    const [resource, ...group] = path.split('.');
    const resourceAttributes = { namespace, verb, group: group.join('.'), resource, subresource };
    const spec = { user, groups: ['system:serviceaccounts'], resourceAttributes };
    return { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
  });
  const form = 'jsonpath={.status.allowed}{"\\n"}';
  const answers = await kubectl(['create', '-o', form, '-f', '-'], { items: reviews });
  const allowed = answers.trimEnd().split('\n');
  expect(allowed).toHaveLength(questions.length);
  return questions.filter((_, index) => allowed[index] !== 'true');
}
