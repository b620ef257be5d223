/** Charts as both Helms render them: defaults, one change each, and what the schema refuses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  appCharts,
  type ChartName,
  chartNames,
  helmNames,
  lint,
  parseManifests,
  render,
  repositoryDir,
  tryRender,
} from './testing/charts.ts';
import { containerOf, environmentOf, only, podOf } from './testing/manifest.ts';

const filesDir = '/etc/windlass';

describe.each(helmNames)('with %s', (helm) => {
  it.each(chartNames)('%s passes lint', async (chart) => {
    const { exitCode, stdout, stderr } = await lint(chart, helm);
    expect({ exitCode, said: stdout + stderr }).toMatchObject({ exitCode: 0 });
  });

  it.each(appCharts)('%s renders its defaults and the example of a region', async (chart) => {
    const kinds = (await render(chart, { helm })).map(({ kind }) => kind).sort();
    expect(kinds).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'Deployment',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    const regional = await render(chart, { helm, region: true });
    expect(regional.map(({ kind }) => kind)).toContain('NetworkPolicy');
    for (const { metadata } of regional) {
      expect(metadata.labels).toMatchObject({ 'windlass.dev/region': 'eu-west-1' });
    }
  });

  it('a setting becomes its variable: text, number, list; a secret and a file become files', async () => {
    const deployment = only(
      await render('api', {
        helm,
        setJson: ['settings.RATE_LIMIT_MAX=10000000'],
        set: [
          'settings.QUOTA_REPLICAS_MAX=2000000',
          'settings.IMAGE_VERSION_REQUIRED=true',
          'settings.IMAGE_ALLOW_LIST={ghcr.io/acme/**,nginx}',
          'secrets.NATS_TOKEN.secret=nats,secrets.NATS_TOKEN.key=token',
          'files.NATS_TLS_CA_FILE.configMap=ca,files.NATS_TLS_CA_FILE.key=ca.crt',
        ],
      }),
      'Deployment',
    );
    expect(environmentOf(containerOf(deployment))).toEqual({
      HTTP_HOST: '0.0.0.0',
      HTTP_PORT: '8000',
      SHUTDOWN_GRACE_MS: '20s',
      TRUSTED_PROXIES: '10.0.0.0/8',
      RATE_LIMIT_MAX: '10000000',
      QUOTA_REPLICAS_MAX: '2000000',
      IMAGE_VERSION_REQUIRED: 'true',
      IMAGE_ALLOW_LIST: 'ghcr.io/acme/**,nginx',
      DATABASE_URL_FILE: `${filesDir}/DATABASE_URL`,
      NATS_TOKEN_FILE: `${filesDir}/NATS_TOKEN`,
      NATS_TLS_CA_FILE: `${filesDir}/NATS_TLS_CA_FILE`,
    });
    expect(podOf(deployment).volumes).toEqual([
      {
        name: 'files',
        projected: {
          defaultMode: 0o440,
          sources: [
            source('secret', 'windlass-database', 'url', 'DATABASE_URL'),
            source('secret', 'nats', 'token', 'NATS_TOKEN'),
            source('configMap', 'ca', 'ca.crt', 'NATS_TLS_CA_FILE'),
          ],
        },
      },
    ]);
  });

  it('what is refused is named', async () => {
    const { exitCode, stderr } = await tryRender('worker', {
      helm,
      set: ['settings.NONSENSE=1', 'settings.WORKER_ATTEMPTS_MAX=101', 'replica=3'],
    });
    expect(exitCode).not.toBe(0);
    for (const name of ['NONSENSE', '/settings/WORKER_ATTEMPTS_MAX', 'replica']) {
      expect(stderr).toContain(name);
    }
  });
});

function source(kind: 'secret' | 'configMap', name: string, key: string, path: string) {
  return { [kind]: { name, items: [{ key, path }] } };
}

describe('the schema', () => {
  const refusals: readonly (readonly [ChartName, string, string])[] = [
    ['api', 'settings.AUTH_MODE=none', '/settings/AUTH_MODE'],
    ['api', 'settings.QUOTA_DEPLOYMENTS_MAX=-1', '/settings/QUOTA_DEPLOYMENTS_MAX'],
    ['api', 'settings.RATE_LIMIT_WINDOW_MS=soon', '/settings/RATE_LIMIT_WINDOW_MS'],
    ['api', 'settings.DATABASE_URL=postgres://a:b@c/d', "'DATABASE_URL'"],
    ['api', 'secrets.DATABASE_URL=null', "'DATABASE_URL'"],
    ['api', 'secrets.NATS_TOKEN.secret=nats', "'key'"],
    ['api', 'files.KUBECONFIG.key=config', '/files/KUBECONFIG'],
    ['worker', 'http.port=0', '/http/port'],
    ['worker', 'rbac.namespaces={Upper}', '/rbac/namespaces'],
    ['watcher', 'settings.NATS_URL=http://nats:4222', '/settings/NATS_URL'],
    ['watcher', 'autoscaling.enabled=true', "'autoscaling'"],
    ['watcher', 'shutdown.graceSeconds=0', '/shutdown/graceSeconds'],
    ['migrations', 'settings.MIGRATIONS_DIR=/x', "'MIGRATIONS_DIR'"],
    ['migrations', 'image.digest=latest', '/image/digest'],
  ];

  it.each(refusals)('of %s refuses %s', async (chart, value, named) => {
    const { exitCode, stderr } = await tryRender(chart, { set: [value] });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(named);
  });
});

describe('the API', () => {
  it.each([
    [[], 'say who may name the user'],
    [['settings.AUTH_MODE=jwt'], 'set settings.JWT_ISSUER'],
    [['settings.AUTH_MODE=jwt', 'settings.JWT_ISSUER=a'], 'set settings.JWT_AUDIENCE'],
  ])('with %j does not render', async (set, message) => {
    const { exitCode, stderr } = await tryRender('api', { set, complete: false });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it.each([
    [['secrets.PROXY_SHARED_SECRET.secret=proxy', 'secrets.PROXY_SHARED_SECRET.key=secret']],
    [
      [
        'settings.AUTH_MODE=jwt',
        'settings.JWT_ISSUER=a',
        'settings.JWT_AUDIENCE=b',
        'settings.JWT_JWKS_URL=https://c',
      ],
    ],
  ])('with %j renders', async (set) => {
    expect((await render('api', { set, complete: false })).length).toBeGreaterThan(0);
  });

  it('reads only where dry runs are off', async () => {
    const { rules = [] } = only(await render('api', { set: ['rbac.dryRun=false'] }), 'ClusterRole');
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list']));
  });
});

describe('a pod', () => {
  it.each(appCharts)('of %s ends after its app, whatever the app is given', async (chart) => {
    const set = ['shutdown.graceSeconds=90', 'shutdown.preStopSeconds=7'];
    for (const options of [{}, { set }]) {
      const deployment = only(await render(chart, options), 'Deployment');
      const { SHUTDOWN_GRACE_MS: grace = '' } = environmentOf(containerOf(deployment));
      const { lifecycle } = containerOf(deployment) as {
        lifecycle?: { preStop: { sleep: { seconds: number } } };
      };
      const appSeconds = Number(grace.replace(/s$/, ''));
      const preStopSeconds = lifecycle?.preStop.sleep.seconds ?? 0;
      const { terminationGracePeriodSeconds } = podOf(deployment);
      expect(terminationGracePeriodSeconds).toBe(appSeconds + preStopSeconds + 5);
    }
  });

  it.each(appCharts)('of %s has no token where a kubeconfig is given', async (chart) => {
    const set = ['files.KUBECONFIG.secret=west', 'files.KUBECONFIG.key=kubeconfig'];
    const given = podOf(only(await render(chart, { set }), 'Deployment'));
    expect(given.automountServiceAccountToken).toBe(false);
    const own = podOf(only(await render(chart), 'Deployment'));
    expect(own.automountServiceAccountToken).toBe(true);
  });

  it.each([
    ['image.tag=1.2.3', 'windlass/api:1.2.3'],
    [`image.digest=sha256:${'a'.repeat(64)}`, `windlass/api@sha256:${'a'.repeat(64)}`],
  ])('with %s has the image %s', async (value, image) => {
    const deployment = only(await render('api', { set: [value] }), 'Deployment');
    expect(containerOf(deployment).image).toBe(image);
  });

  it('count is left to the autoscaler where there is one', async () => {
    const manifests = await render('worker', { set: ['autoscaling.enabled=true'] });
    expect(only(manifests, 'Deployment').spec?.replicas).toBeUndefined();
    expect(only(manifests, 'HorizontalPodAutoscaler').spec).toMatchObject({ minReplicas: 2 });
  });
});

describe('options', () => {
  it('of monitoring: the Service that it selects has the port that it names', async () => {
    const manifests = await render('watcher', { set: ['serviceMonitor.enabled=true'] });
    const { selector, endpoints } = only(manifests, 'ServiceMonitor').spec as {
      selector: { matchLabels: Record<string, string> };
      endpoints: readonly { port: string; path: string }[];
    };
    const service = only(manifests, 'Service');
    expect(service.metadata.labels).toMatchObject(selector.matchLabels);
    expect(service.spec).toMatchObject({ ports: [{ name: endpoints[0]?.port }] });
    expect(endpoints[0]?.path).toBe('/metrics');
  });

  it('of one namespace: the watcher has a Role there and nothing cluster-wide', async () => {
    const manifests = await render('watcher', { set: ['settings.WATCH_NAMESPACE=shop'] });
    expect(manifests.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
    expect(only(manifests, 'Role').metadata.namespace).toBe('shop');
  });

  it('of accounts: none of its own, and no rights', async () => {
    const set = ['serviceAccount.create=false', 'serviceAccount.name=theirs', 'rbac.create=false'];
    const manifests = await render('worker', { set });
    expect(podOf(only(manifests, 'Deployment')).serviceAccountName).toBe('theirs');
    const kinds = manifests.map(({ kind }) => kind).filter((kind) => /Role|Account/.test(kind));
    expect(kinds).toEqual([]);
  });
});

describe('the migrations', () => {
  it('are the same Job with Helm and without', async () => {
    const file = join(repositoryDir, 'deploy/kubernetes/migrations-job.yaml');
    const plain = only(parseManifests(readFileSync(file, 'utf8')), 'Job').spec;
    const chart = only(await render('migrations'), 'Job').spec;
    const { template: plainTemplate, ...plainRest } = { ...plain };
    const { template, ...rest } = { ...chart };
    expect(plainRest).toEqual(rest);
    const { containers, ...pod } = template?.spec ?? {};
    const [container] = containers ?? [];
    expect(plainTemplate?.spec).toEqual({
      ...pod,
      containers: [{ ...container, imagePullPolicy: undefined }],
    });
  });

  it('may lose data only where that is said', async () => {
    const job = only(await render('migrations', { set: ['allowDestructive=true'] }), 'Job');
    expect(containerOf(job).args).toEqual(['--allow-destructive']);
    expect(containerOf(only(await render('migrations'), 'Job')).args).toBeUndefined();
  });
});
