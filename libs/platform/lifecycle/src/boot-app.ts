/**
 * What every app does once it has its settings: log, metrics, tracing, then its own start, then the
 * orderly end. An app's main.ts is settings, this, and its adapters.
 */
import {
  createLog,
  createMetrics,
  type Log,
  type LogOptions,
  type Metrics,
  startTracing,
} from '@windlass/telemetry';
import { runApp } from './run-app.ts';
import type { Scope } from './scope.ts';

/** `telemetrySettings` and `lifecycleSettings` of @windlass/config, as an app has them. */
export type BootSettings = {
  readonly logLevel: LogOptions['level'];
  readonly logFormat: LogOptions['format'];
  readonly otlpEndpoint: string | null;
  readonly shutdownGraceMs: number;
};

/** What an app's parts are started with. */
export type AppContext<Settings extends BootSettings> = {
  /** Name of the app in logs, metrics and connections. */
  readonly app: string;
  readonly settings: Settings;
  readonly scope: Scope;
  readonly log: Log;
  readonly metrics: Metrics;
};

/**
 * Runs an app until it's told to stop; the process ends in here, with the exit codes of `runApp`.
 *
 * @param start connects and starts everything, and registers each part's end with the scope.
 *   Resolves once the app serves. Tracing is stopped after all of it.
 */
export async function bootApp<Settings extends BootSettings>(
  app: string,
  settings: Settings,
  start: (context: AppContext<Settings>) => Promise<void>,
): Promise<void> {
  const log = createLog({ app, level: settings.logLevel, format: settings.logFormat });
  await runApp({
    name: app,
    log,
    graceMs: settings.shutdownGraceMs,
    start: (scope) => {
      const tracing = startTracing({ app, otlpEndpoint: settings.otlpEndpoint });
      scope.onStop('tracing', tracing.stop);
      return start({ app, settings, scope, log, metrics: createMetrics(app) });
    },
  });
}
