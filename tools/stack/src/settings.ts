/** What the commands of the stack can be set to, from the environment and .env. */
import { defineSettings, kubeSettings, type SettingsOf, setting } from '@windlass/config';
import { stackName } from './state/folder.ts';
import type { PortName } from './state/plan.ts';

const port = (env: string, what: string) =>
  setting.integer({
    env,
    optional: true,
    min: 1,
    max: 65_535,
    description: `Port of ${what}: this one or none.`,
  });

/** One digit in a component's name; more than a handful tells nothing new on one machine. */
const copiesMax = 9;

const copies = (env: string, what: string) =>
  setting.integer({
    env,
    default: 1,
    min: 1,
    max: copiesMax,
    description: `How many ${what} a start of the stack has.`,
  });

export const stackSettings = defineSettings('stack', 'The local stack of `make run`.', {
  stack: setting.string({
    env: 'STACK',
    default: 'default',
    pattern: stackName,
    form: 'up to 31 of a-z, 0-9 and -, beginning with a letter or digit',
    description: 'Name of the stack: each has its own servers, data, ports and logs.',
  }),
  tour: setting.boolean({
    env: 'TOUR',
    default: true,
    description: 'Whether `make run` ends with the tour.',
  }),
  tourToken: setting.secret({
    env: 'TOUR_TOKEN',
    optional: true,
    description: 'Token that the tour calls the API with in jwt mode.',
  }),
  authMode: setting.oneOf({
    env: 'AUTH_MODE',
    values: ['header', 'jwt'],
    default: 'header',
    description: 'How the API knows its users: see its settings.',
  }),
  app: setting.string({
    env: 'APP',
    optional: true,
    pattern: /^[a-z][a-z0-9-]*$/,
    form: 'a component such as worker or worker-2, see `make status`',
    description: 'For `make logs` and `make restart`: this component only.',
  }),
  follow: setting.boolean({
    env: 'FOLLOW',
    optional: true,
    description: 'For `make logs`: go on with what is written; by default on a terminal.',
  }),
  lines: setting.integer({
    env: 'LINES_MAX',
    default: 200,
    min: 0,
    max: 100_000,
    description: 'For `make logs`: how many of the last lines to begin with.',
  }),
  readyDeadlineMs: setting.durationMs({
    env: 'READY_DEADLINE_MS',
    default: 180_000,
    min: 1_000,
    max: 3_600_000,
    description: 'Longest time that `make run` waits for the platform.',
  }),
  workers: copies('WORKERS', 'workers'),
  watchers: copies('WATCHERS', 'watchers'),
  lockmgrs: setting.oneOf({
    env: 'LOCKMGRS',
    values: ['1', '3', '5'],
    optional: true,
    description: 'How many lock managers form a cluster; by default as many as have data, or 3.',
  }),
  apiPort: port('API_PORT', 'the API'),
  workerPort: port('WORKER_PORT', "the worker's metrics and probes"),
  watcherPort: port('WATCHER_PORT', "the watcher's metrics and probes"),
  lockmgrPort: port('LOCKMGR_PORT', 'the first lock manager'),
  lockmgrHttpPort: port('LOCKMGR_HTTP_PORT', "the first lock manager's metrics and probes"),
  postgresPort: port('POSTGRES_PORT', 'PostgreSQL'),
  natsPort: port('NATS_PORT', 'NATS'),
  kubernetesPort: port('KUBERNETES_PORT', 'the Kubernetes API server'),
  databaseUrl: setting.url({
    env: 'DATABASE_URL',
    protocols: ['postgres:', 'postgresql:'],
    secret: true,
    optional: true,
    description: 'A PostgreSQL of yours to use instead.',
  }),
  natsUrl: setting.url({
    env: 'NATS_URL',
    protocols: ['nats:', 'tls:'],
    several: true,
    optional: true,
    description: 'NATS servers with JetStream of yours to use instead.',
  }),
  kubeconfig: setting.string({
    env: 'KUBECONFIG',
    optional: true,
    description: 'A cluster of yours to use instead.',
  }),
  lockmgrAddress: setting.list({
    env: 'LOCKMGR_ADDRESS',
    optional: true,
    itemPattern: /^[^\s/=]+:[0-9]{1,5}$/,
    itemForm: 'host:port',
    description: 'Nodes of a lock manager of yours to use instead.',
  }),
  lockmgrTlsCaFile: setting.string({
    env: 'LOCKMGR_TLS_CA_FILE',
    optional: true,
    description: 'PEM file of the authority, where a lock manager of yours speaks TLS.',
  }),
  kubeContext: kubeSettings.kubeContext,
});

export type StackSettings = SettingsOf<typeof stackSettings>;

/** Ports that are taken where they are free and nothing is set. */
export const preferredPorts: Readonly<Record<PortName, number>> = {
  api: 8000,
  worker: 8081,
  watcher: 8082,
  lockmgr: 9090,
  'lockmgr-http': 8080,
  postgres: 5432,
  nats: 4222,
  kubernetes: 6443,
};
