/**
 * Releases as an operator makes them, by both Helms on a real cluster: the migrations first, then the apps;
 * an upgrade; an end that leaves nothing. KWOK stands in for the kubelets, so no container runs.
 */
import { locateServers, testKubernetes } from '@windlass/testkit';
import { it } from 'vitest';
import { appCharts, type ChartName, chartDir, helmNames } from './testing/charts.ts';
import { succeed } from './testing/command.ts';
import { kubectlOf } from './testing/kubectl.ts';

/** Helm's own patience with a release; the cluster is shared with other tests. */
const timeout = '120s';
const testDeadlineMs = 240_000;

/** The lock manager's pods need volumes, which this cluster has none of: lockmgr.integration.test.ts. */
const released = [...appCharts, 'migrations'] as const;

const required: Partial<Record<ChartName, readonly string[]>> = {
  api: ['--set', 'settings.TRUSTED_PROXIES=10.0.0.0/8'],
};

it.concurrent.for(helmNames)(
  '%s installs, upgrades and removes all charts, one release each',
  { timeout: testDeadlineMs },
  async (helm, { expect, onTestFinished }) => {
    const { kubeconfigPath, namespace, drop } = await testKubernetes();
    onTestFinished(drop);
    const kubectl = kubectlOf(kubeconfigPath);
    const run = (...args: readonly string[]) =>
      succeed(locateServers().path(helm), [
        '--kubeconfig',
        kubeconfigPath,
        `--namespace=${namespace}`,
        ...args,
      ]);
    const release = (chart: ChartName, ...more: readonly string[]) => {
      const values = [...(required[chart] ?? []), ...more];
      const wait = ['--wait', '--timeout', timeout];
      return run('upgrade', '--install', nameOf(chart), chartDir(chart), ...wait, ...values);
    };
    const environment = 'jsonpath={.spec.template.spec.containers[0].env[*].name}';
    const variables = (object: string) =>
      kubectl(['get', object, '-n', namespace, '-o', environment]);

    await release('migrations');
    const job = ['get', 'job', 'windlass-migrations', '-n', namespace];
    expect(await kubectl([...job, '-o', 'jsonpath={.status.succeeded}'])).toBe('1');
    await Promise.all(appCharts.map((chart) => release(chart)));
    const ready = 'jsonpath={.items[*].status.readyReplicas}';
    expect(await kubectl(['get', 'deployments', '-n', namespace, '-o', ready])).toBe('2 2 2');

    const debug = ['--set', 'settings.LOG_LEVEL=debug'];
    await Promise.all([release('migrations', ...debug), release('worker', ...debug)]);
    expect(await variables('job/windlass-migrations')).toContain('LOG_LEVEL');
    expect(await variables('deployment/windlass-worker')).toContain('LOG_LEVEL');

    await Promise.all(released.map((chart) => run('uninstall', nameOf(chart), '--wait')));
    const ours = 'app.kubernetes.io/part-of=windlass';
    const kinds = 'clusterroles,clusterrolebindings';
    const left = await kubectl(['get', kinds, '-l', ours, '-o', 'name']);
    expect(left).not.toContain(namespace);
  },
);

function nameOf(chart: ChartName): string {
  return `windlass-${chart}`;
}
