/**
 * Address, headers and connection pools for the next call. client-node's KubeConfig knows every
 * way to authenticate (certificates, tokens, rotating files, exec plugins, OIDC); asking it for
 * each call would cost more than the call, so its answer is kept for a few seconds. The pools
 * outlive that: they are replaced only when certificates really changed.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '@windlass/base';
import {
  callSocketsMax,
  credentialsDeadlineMs,
  credentialsMaxAgeMs,
  credentialsReloadMs,
  idleSocketMs,
  tcpKeepAliveMs,
  watchSocketsMax,
} from './limits.ts';
import { KubeconfigError, type KubeconfigSource, loadKubeconfig } from './load-kubeconfig.ts';

/** What one exchange needs to know. */
export type Access = {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path in front of every call's path; empty for most clusters. */
  readonly basePath: string;
  /** Authorization, where there is one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pools: Pools;
};

/** Watches have their own sockets: a full pool of calls can't delay one, nor the reverse. */
export type Pools = { readonly calls: http.Agent; readonly watches: http.Agent };

export type Credentials = {
  /** Settles within credentialsDeadlineMs. */
  readonly access: () => Access | Promise<Access>;
  /** The API server refused the credentials: load them afresh before the next call. */
  readonly refused: () => void;
  /** Closes all sockets. */
  readonly close: () => void;
};

type Loaded = { readonly access: Access; readonly atMs: number };

/** Loads once, so that a configuration that can't work is refused at the start. */
export async function openCredentials(
  source: KubeconfigSource,
  clock: Pick<Clock, 'monotonicMs'>,
): Promise<Credentials> {
  let config = loadKubeconfig(source);
  // The context stays the one of the start: another `kubectl config use-context` in the same file
  // must not move a running process to another cluster.
  const pinned: KubeconfigSource = { ...source, context: config.getCurrentContext() };
  let configAtMs = clock.monotonicMs();
  let loaded: Loaded | null = null;
  let loading: Promise<Access> | null = null;
  let wasRefused = false;
  let closed = false;
  let fingerprint = '';

  const load = async (): Promise<Access> => {
    const nowMs = clock.monotonicMs();
    // Plugins and token endpoints keep state in the KubeConfig, so with them a new one is made only
    // after a refusal; plain files are cheap to read again, and may have been replaced.
    const reloadDue = wasRefused && nowMs - configAtMs >= credentialsReloadMs;
    if (reloadDue || !keepsState(config)) {
      config = loadKubeconfig(pinned);
      configAtMs = nowMs;
      wasRefused = false;
    }
    const options = await askWithDeadline(config);
    const server = serverOf(config);
    const newFingerprint = fingerprintOf(server, options);
    let pools = loaded?.access.pools;
    if (pools === undefined || newFingerprint !== fingerprint) {
      const previous = pools;
      pools = makePools(server, options);
      fingerprint = newFingerprint;
      if (previous !== undefined) retire(previous);
    }
    if (closed) destroy(pools);
    const access = { ...server, headers: authorization(options), pools };
    loaded = { access, atMs: clock.monotonicMs() };
    return access;
  };
  const access = (): Access | Promise<Access> => {
    const fresh = loaded !== null && clock.monotonicMs() - loaded.atMs < credentialsMaxAgeMs;
    if (loaded !== null && fresh && !wasRefused) return loaded.access;
    loading ??= load().finally(() => {
      loading = null;
    });
    return loading;
  };
  await access();
  return {
    access,
    refused: () => {
      wasRefused = true;
    },
    close: () => {
      closed = true;
      if (loaded !== null) destroy(loaded.access.pools);
    },
  };
}

function keepsState(config: KubeConfig): boolean {
  const user = config.getCurrentUser();
  return Boolean(user?.exec) || Boolean(user?.authProvider);
}

/** A plugin that hangs is left to itself; the next call asks again. */
async function askWithDeadline(config: KubeConfig): Promise<https.RequestOptions> {
  const options: https.RequestOptions = {};
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`no credentials within ${credentialsDeadlineMs} ms`)),
    credentialsDeadlineMs,
  );
  try {
    await Promise.race([config.applyToHTTPSOptions(options), late]);
  } finally {
    clearTimeout(timer);
  }
  return options;
}

type Server = Pick<Access, 'secure' | 'host' | 'port' | 'basePath'> & {
  readonly proxyUrl: string | null;
};

function serverOf(config: KubeConfig): Server {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new KubeconfigError('the kubeconfig has no current cluster');
  const url = new URL(cluster.server);
  const secure = url.protocol === 'https:';
  const proxyUrl = cluster.proxyUrl ?? null;
  if (proxyUrl !== null && !/^https?:/.test(proxyUrl)) {
    throw new KubeconfigError('proxy-url: only http:// and https:// proxies are supported');
  }
  return {
    secure,
    // Node takes the address of an IPv6 host without its brackets.
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    basePath: url.pathname.replace(/\/$/, ''),
    proxyUrl,
  };
}

function authorization(options: https.RequestOptions): Record<string, string> {
  if (typeof options.auth === 'string') {
    return { Authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` };
  }
  const { headers } = options;
  const value = headers && 'Authorization' in headers ? headers['Authorization'] : null;
  // Files of tokens tend to end in a line break, which no header may contain.
  return typeof value === 'string' ? { Authorization: value.trim() } : {};
}

/** Changes when the pools have to be replaced. A hash: keys stay out of long-lived strings. */
function fingerprintOf(server: Server, options: https.RequestOptions): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([server, options.servername, options.rejectUnauthorized]));
  for (const part of [options.ca, options.cert, options.key].flat()) {
    hash.update('\0');
    if (typeof part === 'string' || Buffer.isBuffer(part)) hash.update(part);
  }
  return hash.digest('hex');
}

function makePools(server: Server, options: https.RequestOptions): Pools {
  const common: https.AgentOptions = {
    keepAlive: true,
    keepAliveMsecs: tcpKeepAliveMs,
    timeout: idleSocketMs,
    // The socket used last comes first, so that surplus ones grow idle and are closed.
    scheduling: 'lifo',
    ...(server.proxyUrl === null
      ? {}
      : { proxyEnv: { HTTP_PROXY: server.proxyUrl, HTTPS_PROXY: server.proxyUrl } }),
  };
  if (!server.secure) {
    return {
      calls: new http.Agent({ ...common, maxSockets: callSocketsMax }),
      watches: new http.Agent({ ...common, maxSockets: watchSocketsMax }),
    };
  }
  const secure: https.AgentOptions = {
    ...common,
    // Made once: parsing certificates for each socket is most of a handshake's cost.
    secureContext: tls.createSecureContext({
      ca: options.ca,
      cert: options.cert,
      key: options.key,
    }),
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    ...(options.servername === undefined ? {} : { servername: options.servername }),
  };
  return {
    calls: new https.Agent({ ...secure, maxSockets: callSocketsMax }),
    watches: new https.Agent({ ...secure, maxSockets: watchSocketsMax }),
  };
}

/** Idle sockets go now, those in use when their exchange ends. */
function retire(pools: Pools): void {
  for (const agent of [pools.calls, pools.watches]) {
    agent.maxFreeSockets = 0;
    closeIdleSockets(agent);
  }
}

function destroy(pools: Pools): void {
  pools.calls.destroy();
  pools.watches.destroy();
}

/** After a socket proved dead without a word, its idle siblings are likely to be dead too. */
export function closeIdleSockets(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets?.slice() ?? []) socket.destroy();
  }
}
