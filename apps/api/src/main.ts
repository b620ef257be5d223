/** The process: settings, connections, the API, and their ends in reverse. */

import { loadSettings } from '@windlass/config';
import { connectKube, type KubeClient, KubeconfigError } from '@windlass/kube';
import { runApp, type Scope } from '@windlass/lifecycle';
import { type Bus, connectNats, natsOptionsOf } from '@windlass/nats';
import { connectPostgres, createDeploymentStore, postgresTls } from '@windlass/postgres';
import {
  createLog,
  createMetrics,
  type Log,
  type Metrics,
  startTracing,
} from '@windlass/telemetry';
import { startApi } from './app.ts';
import { type ApiSettings, settings as definition } from './config.ts';

const app = 'api';
/** One try; the API goes on without NATS and tries again. */
const natsConnectDeadlineMs = 10_000;

const settings = loadSettings(definition, { argv: process.argv.slice(2), env: process.env });
const log = createLog({ app, level: settings.logLevel, format: settings.logFormat });
await runApp({
  name: app,
  log,
  graceMs: settings.shutdownGraceMs,
  start: (scope) => start(settings, scope, log),
});

async function start(settings: ApiSettings, scope: Scope, log: Log): Promise<void> {
  const metrics = createMetrics(app);
  const tracing = startTracing({ app, otlpEndpoint: settings.otlpEndpoint });
  scope.onStop('tracing', tracing.stop);
  const postgres = await connectPostgres({
    url: settings.databaseUrl,
    poolMax: settings.databasePoolMax,
    tls: postgresTls(settings),
    log,
    metrics,
  });
  scope.onStop('postgres', postgres.close);
  await startApi({
    settings,
    scope,
    log,
    metrics,
    store: createDeploymentStore(postgres),
    pingPostgres: postgres.ping,
    connectBus: busConnector(settings, scope, log, metrics),
    kube: await connectCluster(settings, scope, log, metrics),
  });
}

function busConnector(
  settings: ApiSettings,
  scope: Scope,
  log: Log,
  metrics: Metrics,
): () => Promise<Bus> {
  let bus: Bus | null = null;
  scope.onStop('nats', async () => bus?.close());
  return async () => {
    bus = await connectNats({
      ...natsOptionsOf(settings),
      name: app,
      log,
      metrics,
      connectDeadlineMs: natsConnectDeadlineMs,
    });
    return bus;
  };
}

/** Null where there is nothing to connect with: most of the API needs no cluster. */
async function connectCluster(
  settings: ApiSettings,
  scope: Scope,
  log: Log,
  metrics: Metrics,
): Promise<KubeClient | null> {
  try {
    const source = { kubeconfigPath: settings.kubeconfig, context: settings.kubeContext };
    const kube = await connectKube({ ...source, log, metrics });
    scope.onStop('kubernetes', kube.close);
    return kube;
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    log.warn('cluster_access_missing', { error });
    return null;
  }
}
