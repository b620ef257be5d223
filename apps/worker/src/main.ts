import { closeHttpServer, createHttpServer, listen } from '@windlass/http';
import { connectKube } from '@windlass/kube';
import { createHealth, runApp, type Scope } from '@windlass/lifecycle';
import { connectNats, deploymentStreams, ensureStreams, natsOptionsOf } from '@windlass/nats';
import { connectPostgres, createDeploymentStore, postgresTls } from '@windlass/postgres';
import { createLog, createMetrics, type Log, startTracing } from '@windlass/telemetry';
import { startWorker } from './app.ts';
import { readSettings, type WorkerSettings } from './config.ts';

const app = 'worker';

/** The probes' server has nothing in flight that matters. */
const httpCloseDeadlineMs = 1_000;

const settings = readSettings();
const log = createLog({ app, level: settings.logLevel, format: settings.logFormat });
await runApp({
  name: app,
  log,
  graceMs: settings.shutdownGraceMs,
  start: (scope) => start(settings, log, scope),
});

async function start(settings: WorkerSettings, log: Log, scope: Scope): Promise<void> {
  const metrics = createMetrics(app);
  const health = createHealth();
  const tracing = startTracing({ app, otlpEndpoint: settings.otlpEndpoint });
  scope.onStop('tracing', tracing.stop);

  const server = createHttpServer({ app, log, metrics, health });
  scope.onStop('http', () => closeHttpServer(server, httpCloseDeadlineMs));
  const { url } = await listen(server, { host: settings.httpHost, port: settings.httpPort });
  log.info('listening', { url });

  const postgres = await connectPostgres({
    url: settings.databaseUrl,
    poolMax: settings.databasePoolMax,
    tls: postgresTls(settings),
    log,
    metrics,
  });
  scope.onStop('postgres', postgres.close);
  health.readiness('postgres', postgres.ping);

  const bus = await connectNats({ ...natsOptionsOf(settings), name: app, log, metrics });
  scope.onStop('nats', bus.close);
  health.readiness('nats', bus.ping);

  const kube = await connectKube({
    kubeconfigPath: settings.kubeconfig,
    context: settings.kubeContext,
    log,
    metrics,
  });
  scope.onStop('kubernetes', kube.close);
  health.readiness('kubernetes', () => kube.version());

  const { natsSubjectPrefix, natsStreamReplicas } = settings;
  await ensureStreams(bus, deploymentStreams(natsSubjectPrefix, natsStreamReplicas));
  const store = createDeploymentStore(postgres);
  startWorker({ settings, store, bus, kube, log, metrics, scope });
}
