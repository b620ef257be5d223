/** What is there after the storm: PostgreSQL's rows, the cluster's objects, the API's answers. */
import { labelNames, managerName, readOwnership } from '@windlass/deployment-spec';
import { type Deployment, deployments, type KubeClient } from '@windlass/kube';
import { Client } from 'pg';
import { type Api, listAll, member } from './api.ts';
import type { Intent } from './intent.ts';

export type RequestRow = {
  readonly id: string;
  readonly key: string;
  readonly userId: string;
  readonly identifier: string;
  readonly type: string;
  readonly status: string;
  readonly revision: number;
  readonly deadLettered: boolean;
};

export type RevisionRow = {
  readonly identifier: string;
  readonly revision: number;
  readonly requestId: string;
  readonly operation: string;
  readonly status: string;
  readonly intent: Intent;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
};

export type KeyRow = { readonly userId: string; readonly key: string; readonly revision: number };
export type AuditRow = {
  readonly target: string;
  readonly revision: number;
  readonly action: string;
  /** `accepted`, or what the platform saw that made it act by itself. */
  readonly outcome: string;
};

export type ClusterObject = {
  readonly identifier: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly revision: number;
  readonly readyReplicas: number;
  readonly intent: Intent;
};

/** A deployment as GET /deployments shows it. */
export type ShownDeployment = {
  readonly identifier: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly revision: number;
  readonly image: string;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly paused: boolean;
};

export type Snapshot = {
  readonly requests: readonly RequestRow[];
  readonly revisions: readonly RevisionRow[];
  readonly keys: readonly KeyRow[];
  /** Entries about accepted changes, people's and the system's own. */
  readonly audit: readonly AuditRow[];
  readonly unsentOutbox: number;
  readonly cluster: readonly ClusterObject[];
  readonly shown: readonly ShownDeployment[];
  /** `<request id> <revision>` of what /dead-letters lists. */
  readonly deadLetters: ReadonlySet<string>;
};

export type SnapshotSource = {
  readonly databaseUrl: string;
  readonly kube: KubeClient;
  readonly api: Api;
  readonly users: readonly string[];
  /** What every identifier of this run begins with. */
  readonly prefix: string;
};

/** A snapshot of a healthy platform takes well under a second. */
const readDeadlineMs = 20_000;

export async function takeSnapshot(source: SnapshotSource): Promise<Snapshot> {
  const signal = AbortSignal.timeout(readDeadlineMs);
  const { api, users, prefix } = source;
  const [database, cluster, shown, letters] = await Promise.all([
    readDatabase(source.databaseUrl, prefix),
    readCluster(source.kube, prefix, signal),
    Promise.all(users.map((user) => listAll(api, user, '/deployments', signal))),
    Promise.all(users.map((user) => listAll(api, user, '/dead-letters', signal))),
  ]);
  return {
    ...database,
    cluster,
    shown: shown.flat().map(shownDeployment),
    deadLetters: new Set(
      letters
        .flat()
        .map((item) => `${String(member(item, 'requestId'))} ${String(member(item, 'revision'))}`),
    ),
  };
}

/** Runs a query on a connection of its own, so that no restart of the server is in the way. */
export async function queryOnce<Row extends object>(
  databaseUrl: string,
  statements: readonly (readonly [text: string, values: readonly unknown[]])[],
  deadlineMs: number = readDeadlineMs,
): Promise<readonly (readonly Row[])[]> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: deadlineMs,
    query_timeout: deadlineMs,
    application_name: 'nemesis',
  });
  // The query in hand rejects too; without a listener the connection's own event ends the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const results: Row[][] = [];
    for (const [text, values] of statements) {
      results.push((await client.query<Row>(text, [...values])).rows);
    }
    return results;
  } finally {
    await client.end();
  }
}

type DatabaseRow = Readonly<Record<string, unknown>>;

async function readDatabase(databaseUrl: string, prefix: string) {
  const like = [`${prefix}%`];
  const [requests = [], revisions = [], keys = [], audit = [], outbox = []] =
    await queryOnce<DatabaseRow>(databaseUrl, [
      [requestsText, like],
      [revisionsText, like],
      [keysText, like],
      [auditText, like],
      [outboxText, []],
    ]);
  return {
    requests: requests as readonly RequestRow[],
    revisions: revisions.map(
      ({ spec, ...row }) => ({ ...row, intent: intentOfSpec(spec) }) as RevisionRow,
    ),
    keys: keys as readonly KeyRow[],
    audit: audit as readonly AuditRow[],
    unsentOutbox: Number(outbox[0]?.['unsent'] ?? 0),
  };
}

const requestsText = `
SELECT id, request_id AS "key", user_id AS "userId", identifier, type, status,
       revision::int AS revision, dead_lettered AS "deadLettered"
  FROM deployment_requests WHERE identifier LIKE $1`;

const revisionsText = `
SELECT identifier, revision::int AS revision, request_id AS "requestId", operation, status, spec,
       error_code AS "errorCode", error_message AS "errorMessage", attempts,
       extract(epoch FROM created_at)::float8 * 1000 AS "createdAtMs",
       extract(epoch FROM ended_at)::float8 * 1000 AS "endedAtMs"
  FROM revisions WHERE identifier LIKE $1 ORDER BY identifier, revision`;

const keysText = `
SELECT k.user_id AS "userId", k.key, k.revision::int AS revision
  FROM idempotency_keys k JOIN deployment_requests q ON q.id = k.request_id
 WHERE q.identifier LIKE $1`;

/** A refusal has no revision. */
const auditText = `
SELECT target, revision::int AS revision, action, outcome
  FROM audit_log WHERE target LIKE $1 AND revision IS NOT NULL`;

const outboxText = 'SELECT count(*)::int AS unsent FROM outbox WHERE sent_at IS NULL';

function intentOfSpec(spec: unknown): Intent {
  const env = member(spec, 'env');
  return {
    image: String(member(spec, 'image')),
    replicas: Number(member(spec, 'replicas')),
    env: variables(env),
    paused: member(spec, 'paused') === true,
  };
}

function variables(env: unknown): Intent['env'] {
  if (!Array.isArray(env)) return [];
  return env.map((each: unknown) => ({
    name: String(member(each, 'name')),
    value: String(member(each, 'value')),
  }));
}

async function readCluster(kube: KubeClient, prefix: string, signal: AbortSignal) {
  const list = await kube.listAll(deployments, {
    namespace: null,
    labelSelector: `${labelNames.managedBy}=${managerName}`,
    signal,
  });
  return list.items.filter(({ metadata }) => metadata.name?.startsWith(prefix)).map(clusterObject);
}

function clusterObject({ metadata, spec, status }: Deployment): ClusterObject {
  const container = spec?.template?.spec?.containers[0];
  return {
    identifier: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    revision: readOwnership(metadata).revision,
    readyReplicas: status?.readyReplicas ?? 0,
    intent: {
      image: String(container?.image),
      replicas: spec?.replicas ?? 1,
      env: variables(member(container, 'env')),
      paused: spec?.paused === true,
    },
  };
}

function shownDeployment(item: unknown): ShownDeployment {
  const text = (name: string) => String(member(item, name));
  const count = (name: string) => Number(member(item, name));
  return {
    identifier: text('identifier'),
    uid: text('uid'),
    resourceVersion: text('resourceVersion'),
    revision: count('revision'),
    image: text('image'),
    replicas: count('replicas'),
    readyReplicas: count('readyReplicas'),
    paused: member(item, 'paused') === true,
  };
}
