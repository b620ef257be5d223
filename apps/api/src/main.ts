/** The process: settings, connections, the API, and their ends in reverse. */
import { loadSettings } from '@windlass/config';
import { connectKube, type KubeClient, KubeconfigError, kubeconfigSourceOf } from '@windlass/kube';
import { type AppContext, bootApp } from '@windlass/lifecycle';
import { type Bus, connectNats, natsOptionsOf } from '@windlass/nats';
import { connectPostgres, createDeploymentStore, postgresOptionsOf } from '@windlass/postgres';
import { startApi } from './app.ts';
import { type ApiSettings, settings as definition } from './config.ts';

/** One try; the API goes on without NATS and tries again. */
const natsConnectDeadlineMs = 10_000;

const settings = loadSettings(definition, { argv: process.argv.slice(2), env: process.env });
await bootApp('api', settings, start);

async function start(context: AppContext<ApiSettings>): Promise<void> {
  const { settings, scope, log, metrics } = context;
  const postgres = await connectPostgres({ ...postgresOptionsOf(settings), log, metrics });
  scope.onStop('postgres', postgres.close);
  await startApi({
    settings,
    scope,
    log,
    metrics,
    store: createDeploymentStore(postgres),
    pingPostgres: postgres.ping,
    connectBus: busConnector(context),
    kube: await connectCluster(context),
  });
}

function busConnector(context: AppContext<ApiSettings>): () => Promise<Bus> {
  const { app, settings, scope, log, metrics } = context;
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
async function connectCluster(context: AppContext<ApiSettings>): Promise<KubeClient | null> {
  const { settings, scope, log, metrics } = context;
  try {
    const kube = await connectKube({ ...kubeconfigSourceOf(settings), log, metrics });
    scope.onStop('kubernetes', kube.close);
    return kube;
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    log.warn('cluster_access_missing', { error });
    return null;
  }
}
