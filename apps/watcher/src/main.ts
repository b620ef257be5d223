import { closeHttpServer, createHttpServer, listen } from '@windlass/http';
import { connectKube } from '@windlass/kube';
import { createHealth, runApp, type Scope } from '@windlass/lifecycle';
import { connectNats, deploymentStreams, ensureStreams, natsOptionsOf } from '@windlass/nats';
import { createLog, createMetrics, type Log, startTracing } from '@windlass/telemetry';
import { startWatcher } from './app.ts';
import { readSettings, type WatcherSettings } from './config.ts';

const app = 'watcher';

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

async function start(settings: WatcherSettings, log: Log, scope: Scope): Promise<void> {
  const metrics = createMetrics(app);
  const health = createHealth();
  const tracing = startTracing({ app, otlpEndpoint: settings.otlpEndpoint });
  scope.onStop('tracing', tracing.stop);

  const server = createHttpServer({ app, log, metrics, health });
  scope.onStop('http', () => closeHttpServer(server, httpCloseDeadlineMs));
  const { url } = await listen(server, { host: settings.httpHost, port: settings.httpPort });
  log.info('listening', { url });

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

  const { natsSubjectPrefix, natsStreamReplicas } = settings;
  await ensureStreams(bus, deploymentStreams(natsSubjectPrefix, natsStreamReplicas));
  startWatcher({ settings, bus, kube, log, metrics, health, scope });
}
