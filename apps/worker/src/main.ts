/** The process: settings, connections, the worker, and their ends in reverse. */
import { loadSettings } from '@windlass/config';
import { serveProbes } from '@windlass/http';
import { connectKube, kubeconfigSourceOf } from '@windlass/kube';
import { type AppContext, bootApp, createHealth } from '@windlass/lifecycle';
import { connectNats, deploymentStreams, ensureStreams, natsOptionsOf } from '@windlass/nats';
import { connectPostgres, createDeploymentStore, postgresOptionsOf } from '@windlass/postgres';
import { startWorker } from './app.ts';
import { settings as definition, type WorkerSettings } from './config.ts';

const settings = loadSettings(definition, { argv: process.argv.slice(2), env: process.env });
await bootApp('worker', settings, start);

async function start(context: AppContext<WorkerSettings>): Promise<void> {
  const { app, settings, scope, log, metrics } = context;
  const health = createHealth();
  const started = health.starting();
  await serveProbes(context, health);

  const postgres = await connectPostgres({ ...postgresOptionsOf(settings), log, metrics });
  scope.onStop('postgres', postgres.close);
  health.readiness('postgres', postgres.ping);

  const bus = await connectNats({
    ...natsOptionsOf(settings),
    name: app,
    log,
    metrics,
    signal: scope.signal,
  });
  scope.onStop('nats', bus.close);
  health.readiness('nats', bus.ping);

  const kube = await connectKube({ ...kubeconfigSourceOf(settings), log, metrics });
  scope.onStop('kubernetes', kube.close);
  health.readiness('kubernetes', () => kube.version());

  const { natsSubjectPrefix, natsStreamReplicas } = settings;
  await ensureStreams(bus, deploymentStreams(natsSubjectPrefix, natsStreamReplicas));
  const store = createDeploymentStore(postgres);
  startWorker({ settings, store, bus, kube, log, metrics, scope });
  started();
}
