/** Settings that several apps share: spread them into a definition. */
import { setting } from './setting.ts';
import { configFileVariable } from './settings-file.ts';

/** @param options.port the app's own port where HTTP_PORT is unset */
export function httpSettings(options: { readonly port: number }) {
  return {
    httpHost: setting.string({
      env: 'HTTP_HOST',
      default: '127.0.0.1',
      maxLength: 255,
      description: 'Address the HTTP server listens on; 0.0.0.0 for all.',
    }),
    httpPort: setting.integer({
      env: 'HTTP_PORT',
      default: options.port,
      min: 0,
      max: 65_535,
      description: 'Port of the HTTP server; 0 takes a free one.',
    }),
  };
}

/** An app with these reads its settings from a file, too; see settings-file.ts. */
export const configFileSettings = {
  configFile: setting.string({
    env: configFileVariable,
    optional: true,
    description: 'YAML file with settings, such as raft.electionTimeoutMs; variables come first.',
  }),
};

export const postgresSettings = {
  databaseUrl: setting.url({
    env: 'DATABASE_URL',
    protocols: ['postgres:', 'postgresql:'],
    secret: true,
    description: 'PostgreSQL to keep requests in, with user, password and database name.',
  }),
  databasePoolMax: setting.integer({
    env: 'DATABASE_POOL_MAX',
    default: 10,
    min: 2,
    max: 200,
    description: 'Connections to PostgreSQL that this process may hold.',
  }),
  databaseTlsCaFile: setting.string({
    env: 'DATABASE_TLS_CA_FILE',
    optional: true,
    description: "PEM file of the authority that signs PostgreSQL's certificate; turns TLS on.",
  }),
  databaseTlsCertFile: setting.string({
    env: 'DATABASE_TLS_CERT_FILE',
    optional: true,
    description: 'PEM file of the client certificate for PostgreSQL (mutual TLS).',
  }),
  databaseTlsKeyFile: setting.string({
    env: 'DATABASE_TLS_KEY_FILE',
    optional: true,
    description: 'PEM file of the key of that certificate.',
  }),
};

export const natsSettings = {
  natsUrl: setting.url({
    env: 'NATS_URL',
    protocols: ['nats:', 'tls:'],
    several: true,
    default: 'nats://127.0.0.1:4222',
    description: 'NATS servers with JetStream.',
  }),
  natsSubjectPrefix: setting.string({
    env: 'NATS_SUBJECT_PREFIX',
    default: 'windlass',
    maxLength: 32,
    pattern: /^[a-z][a-z0-9_-]*$/,
    form: 'a lower-case name of letters, digits, - and _',
    description: 'First token of every subject; streams are named after it too.',
  }),
  natsStreamReplicas: setting.integer({
    env: 'NATS_STREAM_REPLICAS',
    default: 1,
    min: 1,
    max: 5,
    description: 'Copies that JetStream keeps of each stream; 3 in a cluster.',
  }),
  natsTlsCaFile: setting.string({
    env: 'NATS_TLS_CA_FILE',
    optional: true,
    description: "PEM file of the authority that signs NATS' certificate; turns TLS on.",
  }),
  natsTlsCertFile: setting.string({
    env: 'NATS_TLS_CERT_FILE',
    optional: true,
    description: 'PEM file of the client certificate for NATS (mutual TLS).',
  }),
  natsTlsKeyFile: setting.string({
    env: 'NATS_TLS_KEY_FILE',
    optional: true,
    description: 'PEM file of the key of that certificate.',
  }),
  natsCredentialsFile: setting.string({
    env: 'NATS_CREDENTIALS_FILE',
    optional: true,
    description: 'File with NATS credentials (JWT and seed).',
  }),
  natsToken: setting.secret({
    env: 'NATS_TOKEN',
    optional: true,
    description: 'Token for NATS, where it asks for one.',
  }),
};

export const kubeSettings = {
  kubeconfig: setting.string({
    env: 'KUBECONFIG',
    optional: true,
    description: 'kubeconfig file; where unset, the service account of the pod.',
  }),
  kubeContext: setting.string({
    env: 'KUBE_CONTEXT',
    optional: true,
    description: 'Context of the kubeconfig file; its current one where unset.',
  }),
};

export const telemetrySettings = {
  logLevel: setting.oneOf({
    env: 'LOG_LEVEL',
    values: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    description: 'Lines below this level are left out.',
  }),
  logFormat: setting.oneOf({
    env: 'LOG_FORMAT',
    values: ['json', 'text'],
    optional: true,
    description: 'Where unset: text on a terminal, else one JSON object per line.',
  }),
  otlpEndpoint: setting.url({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    protocols: ['http:', 'https:'],
    optional: true,
    description: 'OpenTelemetry collector (OTLP over HTTP) that gets the traces; none where unset.',
  }),
};

export const lifecycleSettings = {
  shutdownGraceMs: setting.durationMs({
    env: 'SHUTDOWN_GRACE_MS',
    default: 20_000,
    min: 100,
    max: 600_000,
    description:
      "Time to finish what is under way after SIGTERM; less than the pod's termination grace period.",
  }),
};
