/** The real API on real servers, for tests: one database and one subject prefix of its own. */
import { required } from '@windlass/base';
import { parseSettings } from '@windlass/config';
import { connectKube } from '@windlass/kube';
import type { Scope } from '@windlass/lifecycle';
import { type Bus, connectNats } from '@windlass/nats';
import { connectPostgres, createDeploymentStore, type DeploymentStore } from '@windlass/postgres';
import { createLog, createMetrics, type Log, type Metrics } from '@windlass/telemetry';
import { testKubernetes, testNats, testPostgres } from '@windlass/testkit';
import { startApi } from '../app.ts';
import { settings as definition } from '../config.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where it is JSON, else text; null where there is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into any answer
  readonly body: any;
};

export type CallOptions = {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type TestApi = {
  readonly url: string;
  readonly databaseUrl: string;
  readonly store: DeploymentStore;
  readonly metrics: Metrics;
  readonly logLines: readonly string[];
  /** Namespace of the test's own in the cluster; `default` without one. */
  readonly namespace: string;
  /** A call by a user; null: without any. */
  readonly call: (
    user: string | null,
    method: string,
    path: string,
    options?: CallOptions,
  ) => Promise<Answer>;
  readonly stop: () => Promise<void>;
};

export type TestApiOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly kubernetes?: boolean;
  /** Instead of a clone of the template: a second API on the same database. */
  readonly databaseUrl?: string;
  /** Instead of the run's NATS; null: connecting never succeeds. */
  readonly nats?: { readonly url: string; readonly prefix: string } | null;
};

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const scope = testScope();
  const database = options.databaseUrl === undefined ? await testPostgres() : null;
  if (database !== null) scope.onStop('database', database.drop);
  const databaseUrl = options.databaseUrl ?? required(database, 'a database').url;
  const ownNats = options.nats === undefined ? await testNats() : null;
  if (ownNats !== null) scope.onStop('streams', ownNats.drop);
  const nats = options.nats === undefined ? ownNats : options.nats;
  const cluster = options.kubernetes === true ? await testKubernetes() : null;
  if (cluster !== null) scope.onStop('cluster', cluster.drop);

  const settings = settingsOf({
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_MAX: '6',
    HTTP_PORT: '0',
    ADMIN_USERS: 'root',
    RATE_LIMIT_MAX: '0',
    EVENT_HEARTBEAT_MS: '200',
    ...(nats === null ? {} : { NATS_URL: nats.url, NATS_SUBJECT_PREFIX: nats.prefix }),
    ...(cluster === null ? {} : { DEFAULT_NAMESPACE: cluster.namespace }),
    ...options.env,
  });
  const logLines: string[] = [];
  const log = createLog({
    app: 'api',
    level: 'info',
    format: 'json',
    destination: { write: (line) => void logLines.push(line) },
  });
  const metrics = createMetrics('api');
  const { databasePoolMax: poolMax } = settings;
  const postgres = await connectPostgres({ url: databaseUrl, poolMax, tls: null, log, metrics });
  scope.onStop('postgres', postgres.close);
  const store = createDeploymentStore(postgres);
  const listening = await startApi({
    settings,
    scope,
    log,
    metrics,
    store,
    pingPostgres: postgres.ping,
    connectBus: busConnector(scope, nats?.url ?? null, log, metrics),
    kube:
      cluster === null
        ? null
        : await connectKube({
            kubeconfigPath: cluster.kubeconfigPath,
            context: null,
            log,
            metrics,
          }),
  });
  return {
    url: listening.url,
    databaseUrl,
    store,
    metrics,
    logLines,
    namespace: cluster?.namespace ?? 'default',
    call: caller(listening.url),
    stop: scope.stop,
  };
}

export function settingsOf(env: Readonly<Record<string, string>>) {
  const parsed = parseSettings(definition, env);
  if (!parsed.ok)
    throw new Error(parsed.error.map((each) => `${each.env} ${each.message}`).join('\n'));
  return parsed.value;
}

function busConnector(scope: Scope, url: string | null, log: Log, metrics: Metrics) {
  let bus: Bus | null = null;
  scope.onStop('nats', async () => bus?.close());
  return async (): Promise<Bus> => {
    if (url === null) throw new Error('no NATS in this test');
    bus = await connectNats({
      url,
      tls: null,
      credentials: null,
      name: 'api-test',
      log,
      metrics,
      connectDeadlineMs: 2_000,
    });
    return bus;
  };
}

type Hook = () => void | Promise<void>;

/** A scope without a process around it. */
function testScope(): Scope & { readonly stop: () => Promise<void> } {
  const controller = new AbortController();
  const hooks: Hook[] = [];
  return {
    signal: controller.signal,
    onStop: (_name, hook) => void hooks.push(hook),
    fail: (error) => {
      throw error;
    },
    stop: async () => {
      controller.abort();
      for (let hook = hooks.pop(); hook !== undefined; hook = hooks.pop()) await hook();
    },
  };
}

function caller(url: string): TestApi['call'] {
  return async (user, method, path, { body, headers = {}, signal } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(user === null ? {} : { 'x-user-id': user }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = text === '' ? null : isJson ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body: parsed };
  };
}
