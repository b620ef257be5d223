import {
  defineSettings,
  httpSettings,
  kubeSettings,
  lifecycleSettings,
  natsSettings,
  postgresSettings,
  type SettingsOf,
  setting,
  telemetrySettings,
} from '@windlass/config';

/** Every setting of the worker. The only place that says what it reads from the environment. */
export const settings = defineSettings(
  'worker',
  'Carries out accepted revisions in Kubernetes and writes back what the cluster shows.',
  {
    ...httpSettings({ port: 8081 }),
    ...postgresSettings,
    ...natsSettings,
    ...kubeSettings,
    ...telemetrySettings,
    ...lifecycleSettings,
    revisionConcurrency: setting.integer({
      env: 'WORKER_REVISION_CONCURRENCY',
      default: 32,
      min: 1,
      max: 512,
      description: 'Deployments whose revisions are carried out at the same time.',
    }),
    syncConcurrency: setting.integer({
      env: 'WORKER_SYNC_CONCURRENCY',
      default: 16,
      min: 1,
      max: 512,
      description: 'Deployments whose state is read from the cluster at the same time.',
    }),
    attemptsMax: setting.integer({
      env: 'WORKER_ATTEMPTS_MAX',
      default: 15,
      min: 1,
      max: 100,
      description: 'Tries of a revision before it goes to the dead letters.',
    }),
    retryInitialMs: setting.durationMs({
      env: 'WORKER_RETRY_INITIAL_MS',
      default: 1_000,
      min: 10,
      max: 60_000,
      description: 'Delay after the first failed try; it doubles, with jitter.',
    }),
    retryMaxMs: setting.durationMs({
      env: 'WORKER_RETRY_MAX_MS',
      default: 60_000,
      min: 10,
      max: 3_600_000,
      description: 'No delay between two tries is longer.',
    }),
    claimLeaseMs: setting.durationMs({
      env: 'WORKER_CLAIM_LEASE_MS',
      default: 30_000,
      min: 1_000,
      max: 600_000,
      description: 'How long a claimed revision belongs to a worker that says nothing more.',
    }),
    sweepIntervalMs: setting.durationMs({
      env: 'WORKER_SWEEP_INTERVAL_MS',
      default: 10_000,
      min: 100,
      max: 600_000,
      description: 'How often revisions that stand still are looked for.',
    }),
    standingStillMs: setting.durationMs({
      env: 'WORKER_STANDING_STILL_MS',
      default: 60_000,
      min: 100,
      max: 3_600_000,
      description: 'An open revision that nobody touched for this long is woken.',
    }),
  },
);

export type WorkerSettings = SettingsOf<typeof settings>;
