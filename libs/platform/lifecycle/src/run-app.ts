/**
 * The life of a process: start, run, stop.
 *
 *   starting ──started──▶ running ──signal, fail──▶ stopping ──hooks done──▶ exit 0 (1 after fail)
 *      │ throws                                        │ grace over, second signal
 *      └──────────▶ stopping, exit 1                   └──▶ exit at once
 */
import { constants } from 'node:os';
import type { Log } from '@windlass/telemetry';
import { pause } from './deadline.ts';
import { createStopHooks, type Scope } from './scope.ts';

export type RunAppOptions = {
  readonly name: string;
  readonly log: Log;
  /** Time for the start to notice and all stop hooks together; then the process ends anyway. */
  readonly graceMs: number;
  /** Starts everything, and registers how each part stops. Resolves once the app serves. */
  readonly start: (scope: Scope) => Promise<void>;
};

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Runs an app until it's told to stop; the process ends in here. Exit codes: 0 after a signal and
 * a clean stop; 1 where the start, a part or a stop hook's deadline failed, or on an error that
 * nobody caught; 128 + the signal's number at a second signal.
 */
export async function runApp(options: RunAppOptions): Promise<void> {
  const { name, log, graceMs } = options;
  const controller = new AbortController();
  const hooks = createStopHooks();
  const stopAsked = Promise.withResolvers<{ readonly exitCode: 0 | 1 }>();

  const end = (exitCode: number): never => {
    log.flush();
    process.exit(exitCode);
  };
  const askToStop = (exitCode: 0 | 1): void => {
    stopAsked.resolve({ exitCode });
    controller.abort();
  };
  let signals = 0;
  const onSignal = (signal: (typeof stopSignals)[number]): void => {
    signals += 1;
    if (signals > 1) {
      log.warn('app_stopped_at_once', { name, signal, running_hook: hooks.running() });
      end(128 + constants.signals[signal]);
    }
    log.info('app_stopping', { name, signal, grace_ms: graceMs });
    askToStop(0);
  };
  const onUncaught = (error: unknown, origin: string): void => {
    log.error('app_crashed', { name, origin, error });
    end(1);
  };

  for (const signal of stopSignals) process.on(signal, onSignal);
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', (reason) => onUncaught(reason, 'unhandledRejection'));

  const scope: Scope = {
    signal: controller.signal,
    onStop: hooks.add,
    fail: (error) => {
      if (controller.signal.aborted) {
        log.warn('app_part_failed_while_stopping', { name, error });
        return;
      }
      log.error('app_part_failed', { name, error });
      askToStop(1);
    },
  };
  const started = startIn(scope, options, askToStop);
  const { exitCode } = await stopAsked.promise;
  const stopped = started.then(() => hooks.run(log)).then(() => 'stopped' as const);
  const outcome = await Promise.race([stopped, pause(graceMs, new AbortController().signal)]);
  if (outcome !== 'stopped') {
    log.error('app_stop_deadline_exceeded', { name, running_hook: hooks.running() });
    end(1);
  }
  log.info('app_stopped', { name });
  end(exitCode);
}

/** Starts the app; never rejects, as a failure is logged here and only here. */
async function startIn(
  scope: Scope,
  { name, log, start }: RunAppOptions,
  askToStop: (exitCode: 0 | 1) => void,
): Promise<void> {
  try {
    await start(scope);
    if (!scope.signal.aborted) log.info('app_started', { name });
  } catch (error) {
    if (scope.signal.aborted) log.warn('app_start_interrupted', { name, error });
    else log.error('app_start_failed', { name, error });
    askToStop(1);
  }
}
