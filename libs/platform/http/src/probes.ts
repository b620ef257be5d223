/** What Kubernetes, Prometheus and people ask of every app: health, readiness, metrics, build. */
import type { ComponentHealth, Health, HealthReport } from '@windlass/lifecycle';
import type { Log, Metrics } from '@windlass/telemetry';
import type { FastifyInstance, FastifySchema } from 'fastify';

/** Keeps these routes out of the API's own description (an extension of @fastify/swagger). */
const hiddenSchema: FastifySchema & { readonly hide: true } = { hide: true };
const hidden = { schema: hiddenSchema };

export type ProbeOptions = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
  /** What else `/actuator/info` tells of this process; nothing that not everybody may know. */
  readonly info?: (() => Readonly<Record<string, unknown>>) | undefined;
};

export function addProbes(server: FastifyInstance, options: ProbeOptions): void {
  const { log, metrics, health, info } = options;
  const startedAt = new Date().toISOString();
  let isStopping = false;
  let failedBefore = '';
  server.addHook('preClose', (done) => {
    isStopping = true;
    done();
  });

  for (const path of ['/health', '/actuator/health', '/actuator/health/liveness']) {
    server.get(path, hidden, async (_request, reply) => {
      const report = await health.live();
      return reply.code(report.ok ? 200 : 503).send({
        status: report.ok ? 'healthy' : 'unhealthy',
        components: states(report, 'running', 'failed'),
      });
    });
  }
  for (const path of ['/ready', '/actuator/health/readiness']) {
    server.get(path, hidden, async (_request, reply) => {
      const report = await health.ready();
      const failed = failures(report);
      const failedNow = Object.keys(failed).join();
      if (failedNow !== failedBefore) {
        failedBefore = failedNow;
        const level = failedNow === '' ? 'info' : 'warn';
        log[level]('readiness_changed', { ready: report.ok, ...failed });
      }
      const ready = report.ok && !isStopping;
      return reply.code(ready ? 200 : 503).send({
        status: isStopping ? 'stopping' : ready ? 'ready' : 'not-ready',
        dependencies: states(report, 'ready', 'unavailable'),
      });
    });
  }
  server.get('/metrics', hidden, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  server.get('/info', hidden, (_request, reply) =>
    reply.send({ ...metrics.build, node: process.version, startedAt }),
  );
  server.get('/actuator/info', hidden, (_request, reply) => {
    const build = { ...metrics.build, runtime: `Node.js ${process.version}` };
    return reply.send({ ...info?.(), build, startedAt });
  });
}

/** States by name. Reasons stay in the log: anybody may ask here. */
function states(report: HealthReport, good: string, bad: string): Record<string, string> {
  return mapComponents(report, (component) => (component.ok ? good : bad));
}

function failures(report: HealthReport): Record<string, unknown> {
  const failed = Object.entries(report.components).filter(([, component]) => !component.ok);
  return mapComponents({ ok: false, components: Object.fromEntries(failed) }, (component) =>
    component.ok ? null : component.error,
  );
}

function mapComponents<Value>(
  { components }: HealthReport,
  map: (component: ComponentHealth) => Value,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(components).map(([name, component]) => [name, map(component)]),
  );
}
