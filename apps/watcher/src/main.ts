/** The process: settings, connections, the watcher, and their ends in reverse. */
import { loadSettings } from '@windlass/config';
import { serveProbes } from '@windlass/http';
import { connectKube, kubeconfigSourceOf } from '@windlass/kube';
import { type AppContext, bootApp, createHealth } from '@windlass/lifecycle';
import { connectNats, deploymentStreams, ensureStreams, natsOptionsOf } from '@windlass/nats';
import { startWatcher } from './app.ts';
import { settings as definition, type WatcherSettings } from './config.ts';

const settings = loadSettings(definition, { argv: process.argv.slice(2), env: process.env });
await bootApp('watcher', settings, start);

async function start(context: AppContext<WatcherSettings>): Promise<void> {
  const { app, settings, scope, log, metrics } = context;
  const health = createHealth();
  const started = health.starting();
  await serveProbes(context, health);

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

  const { natsSubjectPrefix, natsStreamReplicas } = settings;
  await ensureStreams(bus, deploymentStreams(natsSubjectPrefix, natsStreamReplicas));
  startWatcher({ settings, bus, kube, log, metrics, health, scope });
  started();
}
