/** What the tests on a real API server share: small objects, a log that is kept, and a mirror. */
import { required } from '@windlass/base';
import { createLog, createMetrics, type Log, type Metrics } from '@windlass/telemetry';
import { eventually } from '@windlass/testkit';
import { expect } from 'vitest';
import {
  compareResourceVersions,
  connectKube,
  type Deployment,
  type KubeClient,
  KubeError,
  type KubeInput,
  type KubeObject,
  type ListAndWatch,
  listAndWatch,
  type ObjectChange,
  type Resource,
} from '../index.ts';

type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** Small, and changed by nobody but the test. */
export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

export const selected = 'windlass.test/selected=yes';

export function configMap(namespace: string, name: string, value = '0'): KubeInput {
  const labels = { 'windlass.test/selected': 'yes' };
  return { metadata: { name, namespace, labels }, data: { value } };
}

export type Environment = Readonly<Record<string, string>>;

export function deployment(
  namespace: string,
  name: string,
  environment: Environment = {},
  metadata: object = {},
): KubeInput {
  const env = Object.entries(environment).map(([key, value]) => ({ name: key, value }));
  const labels = { app: name };
  return {
    metadata: { name, namespace, ...metadata },
    spec: {
      // None: no controller changes the object while a test looks at its versions.
      replicas: 0,
      paused: true,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'nginx:1.27', env }] },
      },
    },
  };
}

export function environmentOf(object: Deployment): Environment {
  const env = object.spec?.template?.spec?.containers[0]?.['env'];
  if (!Array.isArray(env)) return {};
  return Object.fromEntries(
    env.map((entry: { name: string; value: string }) => [entry.name, entry.value]),
  );
}

/** The uid and version that an apply names, so that it meets a conflict where they are no more. */
export function versionOf(object: KubeObject): { uid: string; resourceVersion: string } {
  const { uid, resourceVersion } = object.metadata;
  return { uid: required(uid, 'uid'), resourceVersion: required(resourceVersion, 'version') };
}

export async function failureOf(call: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await call.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof KubeError) return error;
  throw new Error('the call did not fail with a KubeError', { cause: error });
}

export type TestClient = {
  readonly client: KubeClient;
  readonly metrics: Metrics;
  readonly lines: string[];
};

export async function openTestClient(kubeconfigPath: string): Promise<TestClient> {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log: Log = createLog({ app: 'test', level: 'debug', format: 'json', destination });
  const metrics = createMetrics('test');
  const client = await connectKube({ kubeconfigPath, context: null, log, metrics });
  return { client, metrics, lines };
}

export type Mirror = ListAndWatch & {
  /** Name to resource version, as told by the events alone. */
  readonly known: Map<string, string>;
  readonly changes: ObjectChange[];
  /** Broken promises about the order of events; must stay empty. */
  readonly violations: string[];
  /** Thrown by the handler while set. */
  failing: Error | null;
  readonly stop: () => Promise<void>;
};

export function startMirror(client: KubeClient, namespace: string, relistMs?: number): Mirror {
  const stopping = new AbortController();
  const known = new Map<string, string>();
  const newest = new Map<string, string>();
  const onEvent = (change: ObjectChange) => {
    if (mirror.failing !== null) throw mirror.failing;
    const last = newest.get(change.name) ?? '0';
    if (compareResourceVersions(change.resourceVersion, last) <= 0) {
      mirror.violations.push(`${change.name}: ${change.resourceVersion} after ${last}`);
    }
    if (stopping.signal.aborted) mirror.violations.push(`${change.name}: after the stop`);
    newest.set(change.name, change.resourceVersion);
    mirror.changes.push(change);
    if (change.type === 'deleted') known.delete(change.name);
    else known.set(change.name, change.resourceVersion);
  };
  const watching = listAndWatch({
    client,
    resource: configMaps,
    namespace,
    labelSelector: selected,
    onEvent,
    signal: stopping.signal,
    ...(relistMs === undefined ? {} : { relistMs }),
  });
  const mirror: Mirror = {
    ...watching,
    known,
    changes: [],
    violations: [],
    failing: null,
    stop: async () => {
      stopping.abort();
      await watching.stopped;
    },
  };
  return mirror;
}

/** Waits until the mirror shows exactly what the API server has. */
export async function convergence(
  mirror: Mirror,
  direct: KubeClient,
  namespace: string,
  deadlineMs: number,
): Promise<void> {
  const list = await direct.listAll(configMaps, { namespace, labelSelector: selected });
  const truth = new Map(
    list.items.map(({ metadata }) => [metadata.name ?? '', metadata.resourceVersion ?? '']),
  );
  await eventually(() => expect(mirror.known).toEqual(truth), { deadlineMs });
  expect(mirror.violations).toEqual([]);
}

/** Changes everything a bit: one object is made, one is changed, one goes. */
export async function churn(
  direct: KubeClient,
  namespace: string,
  names: { readonly make: string; readonly change: string; readonly remove: string },
): Promise<void> {
  const options = { fieldManager: 'test' };
  await direct.create(configMaps, configMap(namespace, names.make), options);
  await direct.jsonPatch(
    configMaps,
    { namespace, name: names.change },
    [{ op: 'replace', path: '/data/value', value: String(performance.now()) }],
    options,
  );
  await direct.delete(configMaps, { namespace, name: names.remove });
}

/** Runs a task for each item, some at a time. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  task: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await task(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Sum of a counter's samples whose labels contain the given text. */
export async function counted(metrics: Metrics, name: string, labels: string): Promise<number> {
  const samples = (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith(`windlass_${name}{`) && line.includes(labels));
  return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
