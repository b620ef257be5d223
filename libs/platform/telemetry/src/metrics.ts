/** Prometheus metrics of one app, with its own registry. Names get the prefix `windlass_`. */
import { assert } from '@windlass/base';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Which build runs; from the bundle, or `dev` where the sources are run. */
export type BuildInfo = { readonly version: string; readonly commit: string };

export const developmentBuild: BuildInfo = { version: '0.1.0', commit: 'dev' };

export type Metrics = {
  readonly build: BuildInfo & { readonly app: string };
  /** Asked for again with the same name and labels, each of these gives the same metric. */
  readonly counter: <Label extends string = never>(
    name: string,
    help: string,
    labelNames?: readonly Label[],
  ) => Counter<Label>;
  /** @param collect called before each reading, to set the gauge; must not throw */
  readonly gauge: <Label extends string = never>(
    name: string,
    help: string,
    labelNames?: readonly Label[],
    collect?: (gauge: Gauge<Label>) => void | Promise<void>,
  ) => Gauge<Label>;
  readonly histogram: <Label extends string = never>(
    name: string,
    help: string,
    labelNames?: readonly Label[],
    bucketsSeconds?: readonly number[],
  ) => Histogram<Label>;
  /** All metrics in Prometheus' text format; its media type is `contentType`. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

/** From 1 ms, about what a local call takes, to 10 s, where callers give up; x2 to x2.5 apart. */
const defaultBucketsSeconds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

const prefix = 'windlass_';

/**
 * Makes the metrics of an app: those of the process and `windlass_build_info` are in it already.
 * Every metric has the label `app`.
 */
export function createMetrics(app: string, build: BuildInfo = developmentBuild): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry, prefix });
  const metrics: Metrics = {
    build: { app, ...build },
    counter: (name, help, labelNames = []) =>
      once(registry, name, labelNames, Counter, (full) => {
        return new Counter({ name: full, help, labelNames, registers: [registry] });
      }),
    gauge: (name, help, labelNames = [], collect) =>
      once(registry, name, labelNames, Gauge, (full) => {
        const registers = [registry];
        if (collect === undefined) return new Gauge({ name: full, help, labelNames, registers });
        return new Gauge({
          name: full,
          help,
          labelNames,
          registers,
          collect() {
            return collect(this);
          },
        });
      }),
    histogram: (name, help, labelNames = [], bucketsSeconds = defaultBucketsSeconds) =>
      once(registry, name, labelNames, Histogram, (full) => {
        const buckets = [...bucketsSeconds];
        return new Histogram({ name: full, help, labelNames, buckets, registers: [registry] });
      }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
  metrics
    .gauge('build_info', 'Which build runs; always 1.', ['version', 'commit', 'node'])
    .set({ ...build, node: process.version }, 1);
  return metrics;
}

/** The metric of this name: the one that is there, or a new one. Another kind or labels: a bug. */
function once<Metric extends object>(
  registry: Registry,
  name: string,
  labelNames: readonly string[],
  kind: abstract new (...parameters: never[]) => Metric,
  create: (fullName: string) => Metric,
): Metric {
  const fullName = name.startsWith(prefix) ? name : `${prefix}${name}`;
  const present: object | undefined = registry.getSingleMetric(fullName);
  if (present === undefined) return create(fullName);
  assert(present instanceof kind, `metric ${fullName} exists with another kind`);
  const presentLabels: unknown = Reflect.get(present, 'labelNames');
  assert(String(presentLabels) === String(labelNames), `metric ${fullName} has other labels`);
  return present;
}
