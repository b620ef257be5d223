import {
  defineSettings,
  httpSettings,
  kubeSettings,
  lifecycleSettings,
  natsSettings,
  type SettingsOf,
  setting,
  telemetrySettings,
} from '@windlass/config';

/** Every setting of the watcher. The only place that says what it reads from the environment. */
export const settings = defineSettings(
  'watcher',
  'Watches the Deployments that Windlass manages and publishes the names of those that change.',
  {
    ...httpSettings({ port: 8082 }),
    ...natsSettings,
    ...kubeSettings,
    ...telemetrySettings,
    ...lifecycleSettings,
    watchNamespace: setting.string({
      env: 'WATCH_NAMESPACE',
      optional: true,
      description: 'Watch this namespace only; all of them when unset.',
    }),
    relistMs: setting.durationMs({
      env: 'WATCHER_RELIST_MS',
      default: 300_000,
      min: 1_000,
      max: 86_400_000,
      description: 'How often the whole list is read anew, whatever the watch says.',
    }),
    coalesceMs: setting.durationMs({
      env: 'WATCHER_COALESCE_MS',
      default: 200,
      min: 0,
      max: 10_000,
      description: 'Changes of one Deployment within this time become one message.',
    }),
  },
);

export type WatcherSettings = SettingsOf<typeof settings>;
