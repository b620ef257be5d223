/**
 * The Kubernetes client: typed calls over raw keep-alive requests. Nothing is retried here, except
 * a GET that met a socket which the server had just closed: whether and when to try again is the
 * caller's matter, by classifyKubeError.
 */
import { type Clock, systemClock } from '@windlass/base';
import type { Log, Metrics } from '@windlass/telemetry';
import {
  applyRequest,
  createRequest,
  type DeleteOptions,
  deleteRequest,
  getRequest,
  jsonPatchRequest,
  type ListSelection,
  type LogOptions,
  type ObjectKey,
  podLogsRequest,
  versionRequest,
  type WriteOptions,
} from './calls.ts';
import { type Credentials, openCredentials } from './credentials.ts';
import type { ExchangeLimits, HttpRequest } from './http-exchange.ts';
import { type KubeMetrics, kubeMetrics } from './kube-metrics.ts';
import {
  answerBytesMax,
  callDeadlineDefaultMs,
  logBytesDefault,
  pageLimit,
  pagesMax,
} from './limits.ts';
import { readPage, readPages } from './list-pages.ts';
import type { KubeconfigSource } from './load-kubeconfig.ts';
import type {
  JsonPatchOperation,
  KubeInput,
  KubeList,
  KubeObject,
  KubeVersion,
} from './objects.ts';
import type { Resource } from './resources.ts';
import { createTransport, parseAnswer, type Transport } from './transport.ts';

export type CallOptions = {
  /** From now until the last byte of the answer; 15 s by default. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
};

/** Every method throws a KubeError where it fails; see classifyKubeError. */
export type KubeClient = {
  readonly get: <Kind extends KubeObject>(
    resource: Resource<Kind>,
    options: ObjectKey & CallOptions,
  ) => Promise<Kind>;
  /** One page, of 500 objects by default. It is up to date when it is read (a quorum read). */
  readonly list: <Kind extends KubeObject>(
    resource: Resource<Kind>,
    options: ListSelection &
      CallOptions & { readonly limit?: number; readonly continue?: string | null },
  ) => Promise<KubeList<Kind>>;
  /** All pages of one snapshot; the deadline is each page's. More than itemsMax objects: final. */
  readonly listAll: <Kind extends KubeObject>(
    resource: Resource<Kind>,
    options: ListSelection & CallOptions & { readonly itemsMax?: number },
  ) => Promise<KubeList<Kind>>;
  /** POST: fails with already-exists, never changes an object that is there. */
  readonly create: <Kind extends KubeObject>(
    resource: Resource<Kind>,
    object: KubeInput,
    options: WriteOptions & CallOptions,
  ) => Promise<Kind>;
  /**
   * Server-side apply. With metadata.uid and metadata.resourceVersion in the object (never one
   * without the other): a conflict where it has changed or is gone. Without them an absent object is
   * made. `force` takes over fields of other managers.
   */
  readonly apply: <Kind extends KubeObject>(
    resource: Resource<Kind>,
    object: KubeInput,
    options: WriteOptions & CallOptions & { readonly force?: boolean },
  ) => Promise<Kind>;
  readonly jsonPatch: <Kind extends KubeObject>(
    resource: Resource<Kind>,
    key: ObjectKey,
    operations: readonly JsonPatchOperation[],
    options: WriteOptions & CallOptions,
  ) => Promise<Kind>;
  /** Returns when the deletion is accepted; finalizers may keep the object for longer. */
  readonly delete: (
    resource: Resource,
    key: ObjectKey,
    options?: DeleteOptions & CallOptions,
  ) => Promise<void>;
  readonly podLogs: (options: ObjectKey & LogOptions & CallOptions) => Promise<string>;
  /** For readiness: the API server answers. */
  readonly version: (options?: CallOptions) => Promise<KubeVersion>;
  /** Closes all sockets, also those in use. Calls under way fail. */
  readonly close: () => void;
  /** For listAndWatch alone. */
  readonly internals: {
    readonly transport: Transport;
    readonly metrics: KubeMetrics;
    readonly log: Log;
    readonly clock: Clock;
  };
};

export type KubeClientOptions = KubeconfigSource & {
  readonly log: Log;
  readonly metrics: Metrics;
};

/**
 * Reads the configuration and the credentials; makes no call yet.
 *
 * @throws {KubeconfigError} where the kubeconfig or its context can't be used
 */
export async function connectKube(options: KubeClientOptions): Promise<KubeClient> {
  const credentials = await openCredentials(options, systemClock);
  const metrics = kubeMetrics(options.metrics);
  const transport = createTransport(credentials, metrics);
  return {
    ...reads(transport),
    ...writes(transport),
    close: (credentials satisfies Credentials).close,
    internals: { transport, metrics, log: options.log, clock: systemClock },
  };
}

function reads(
  transport: Transport,
): Pick<KubeClient, 'get' | 'list' | 'listAll' | 'podLogs' | 'version'> {
  return {
    get: (resource, options) =>
      callForObject(transport, resource, getRequest(resource, options), limitsOf(options)),
    list: (resource, options) =>
      readPage(transport, resource, { ...options, metadataOnly: false }, limitsOf(options), {
        limit: options.limit ?? pageLimit,
        continue: options.continue ?? null,
      }),
    listAll: async <Kind extends KubeObject>(
      resource: Resource<Kind>,
      options: ListSelection & CallOptions & { readonly itemsMax?: number },
    ): Promise<KubeList<Kind>> => {
      const itemsMax = options.itemsMax ?? pageLimit * pagesMax;
      const all = { ...options, metadataOnly: false, itemsMax };
      let items: Kind[] = [];
      const resourceVersion = await readPages(transport, resource, all, limitsOf(options), {
        begin: () => {
          items = [];
        },
        page: (page) => {
          items.push(...page);
        },
      });
      return { items, resourceVersion, continue: null };
    },
    podLogs: async (options) => {
      const bytesMax = options.limitBytes ?? logBytesDefault;
      const limits = { ...limitsOf(options), answerBytesMax: bytesMax };
      return (await transport.call(podLogsRequest(options, options), limits)).body;
    },
    version: async (options = {}) => {
      const request = versionRequest();
      const answer = await transport.call(request, limitsOf(options));
      return parseAnswer(request.subject, answer.body, isVersion);
    },
  };
}

function writes(
  transport: Transport,
): Pick<KubeClient, 'create' | 'apply' | 'jsonPatch' | 'delete'> {
  return {
    create: (resource, object, options) =>
      callForObject(
        transport,
        resource,
        createRequest(resource, object, options),
        limitsOf(options),
      ),
    apply: (resource, object, options) =>
      callForObject(
        transport,
        resource,
        applyRequest(resource, object, options),
        limitsOf(options),
      ),
    jsonPatch: (resource, key, operations, options) =>
      callForObject(
        transport,
        resource,
        jsonPatchRequest(resource, key, operations, options),
        limitsOf(options),
      ),
    delete: async (resource, key, options = {}) => {
      await transport.call(deleteRequest(resource, key, options), limitsOf(options));
    },
  };
}

async function callForObject<Kind extends KubeObject>(
  transport: Transport,
  resource: Resource<Kind>,
  request: HttpRequest,
  limits: ExchangeLimits,
): Promise<Kind> {
  const answer = await transport.call(request, limits);
  return parseAnswer(request.subject, answer.body, isOfKind(resource));
}

/** The API server keeps to its schemas; this tells its answer from anybody else's. */
function isOfKind<Kind extends KubeObject>(resource: Resource<Kind>) {
  return (parsed: object): parsed is Kind =>
    'kind' in parsed &&
    parsed.kind === resource.kind &&
    'metadata' in parsed &&
    typeof parsed.metadata === 'object' &&
    parsed.metadata !== null;
}

function isVersion(parsed: object): parsed is KubeVersion {
  return 'gitVersion' in parsed && typeof parsed.gitVersion === 'string';
}

function limitsOf(options: CallOptions): ExchangeLimits {
  return {
    deadlineMs: options.deadlineMs ?? callDeadlineDefaultMs,
    answerBytesMax,
    signal: options.signal ?? null,
  };
}
