/** Charts as Helm renders them. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { infraModuleDir, locateServers, pinnedVersion } from '@windlass/testkit';
import { parseAllDocuments } from 'yaml';
import { type CommandOutcome, run } from './command.ts';
import { isManifest, type Manifest } from './manifest.ts';

export const repositoryDir = resolve(import.meta.dirname, '../../..');

export const appCharts = ['api', 'worker', 'watcher'] as const;
export const chartNames = [...appCharts, 'migrations', 'lockmgr'] as const;
export type ChartName = (typeof chartNames)[number];

/** Both are supported: Helm 4, and Helm 3. */
export const helmNames = ['helm', 'helm3'] as const;
export type HelmName = (typeof helmNames)[number];

/** The version of Helm's own idea of a cluster, which is older than the charts allow. */
const kubernetesVersion = pinnedVersion(
  readFileSync(join(infraModuleDir, 'go.mod'), 'utf8'),
  'k8s.io/kubernetes',
);

/** What the API's chart can't do without: who may name the user. */
const required: Partial<Record<ChartName, readonly string[]>> = {
  api: ['settings.TRUSTED_PROXIES=10.0.0.0/8'],
};

export type RenderOptions = {
  readonly helm?: HelmName;
  /** In the form of `--set`, after the chart's required ones. */
  readonly set?: readonly string[];
  /** In the form of `--set-json`: numbers then are what they are in a file of values, not integers. */
  readonly setJson?: readonly string[];
  /** The example of a region, too. */
  readonly region?: boolean;
  /** Instead of the version that the tests run on. */
  readonly kubeVersion?: string;
  readonly namespace?: string;
  /** False: without the values that the chart asks for. */
  readonly complete?: boolean;
};

export function chartDir(chart: ChartName): string {
  return join(repositoryDir, 'deploy/charts', chart);
}

/** `helm template`, whatever comes of it. */
export function tryRender(chart: ChartName, options: RenderOptions = {}): Promise<CommandOutcome> {
  const { helm = 'helm', namespace = 'windlass' } = options;
  const args = ['template', `windlass-${chart}`, chartDir(chart), '--namespace', namespace];
  return run(locateServers().path(helm), [...args, ...valueArguments(chart, options)]);
}

/** The objects that a chart renders to. Rejects with what Helm said. */
export async function render(
  chart: ChartName,
  options: RenderOptions = {},
): Promise<readonly Manifest[]> {
  const { exitCode, stdout, stderr } = await tryRender(chart, options);
  if (exitCode !== 0) throw new Error(`${chart} doesn't render: ${stderr}`);
  return parseManifests(stdout);
}

export function lint(chart: ChartName, helm: HelmName): Promise<CommandOutcome> {
  const args = ['lint', '--strict', chartDir(chart), ...valueArguments(chart, {})];
  return run(locateServers().path(helm), args);
}

export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (!isManifest(value)) throw new Error(`not an object of Kubernetes: ${String(document)}`);
    return [value];
  });
}

function valueArguments(chart: ChartName, options: RenderOptions): readonly string[] {
  const { set = [], setJson = [], region = false, complete = true } = options;
  const { kubeVersion = kubernetesVersion } = options;
  const example = chart === 'lockmgr' ? 'values-us-east.yaml' : 'values-eu-west-1.yaml';
  const values = [...(complete ? (required[chart] ?? []) : []), ...set];
  return [
    '--kube-version',
    kubeVersion,
    ...(region ? ['--values', join(chartDir(chart), example)] : []),
    ...values.flatMap((value) => ['--set', value]),
    ...setJson.flatMap((value) => ['--set-json', value]),
  ];
}
