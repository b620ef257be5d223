/**
 * A proxy in front of a real API server that does what networks, proxies and API servers do on bad
 * days. Plain HTTP towards the client, so that it can cut answers wherever it likes; TLS and the
 * credentials of a kubeconfig towards the API server. For tests only.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { assert, required } from '@windlass/base';

export type Fault =
  /** Answers in the API server's place. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** RST instead of an answer. */
  | { readonly kind: 'reset' }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Passes on so many bytes of the answer's body, then RST. */
  | { readonly kind: 'cut'; readonly bytes: number };

export type ProxiedRequest = {
  readonly method: string;
  readonly url: URL;
  readonly isWatch: boolean;
  readonly headers: http.IncomingHttpHeaders;
};

export type FaultProxy = {
  /** For a client that goes through the proxy. */
  readonly kubeconfigPath: string;
  readonly port: number;
  /** Every request so far. */
  readonly requests: ProxiedRequest[];
  /** Asked for each request; null lets it through. */
  fault: (request: ProxiedRequest) => Fault | null;
  /** Connections of clients that are open. */
  readonly openSockets: () => number;
  /** Watches that the API server has accepted and that are open. */
  readonly openWatches: () => number;
  /** RST on every connection. */
  readonly resetAll: () => void;
  /** Every connection that is open now says nothing any more, in either direction, and stays open. */
  readonly freezeAll: () => void;
  /** Closes idle connections in good order, as a server does after its time. */
  readonly closeIdle: () => void;
  /** Puts bytes into every watch under way. */
  readonly writeToWatches: (bytes: string) => void;
  /** While true, connections are reset as they come. */
  refusing: boolean;
  readonly close: () => Promise<void>;
};

type Exchange = { readonly response: http.ServerResponse; upstream: http.IncomingMessage | null };

export async function startFaultProxy(kubeconfigPath: string): Promise<FaultProxy> {
  const upstream = await openUpstream(kubeconfigPath);
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  const watches = new Set<Exchange>();
  const exchanges = new Set<Exchange>();

  const server = http.createServer({ keepAliveTimeout: 300_000 }, (request, response) => {
    if (frozen.has(request.socket)) return;
    const proxied = describe(request);
    proxy.requests.push(proxied);
    const fault = proxy.fault(proxied);
    switch (fault?.kind) {
      case 'hang':
        return;
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'answer':
        response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
        response.end(fault.body);
        return;
      default:
    }
    const exchange: Exchange = { response, upstream: null };
    exchanges.add(exchange);
    response.on('close', () => {
      exchanges.delete(exchange);
      watches.delete(exchange);
      exchange.upstream?.destroy();
    });
    const outgoing = upstream.request(request, (incoming) => {
      exchange.upstream = incoming;
      if (frozen.has(request.socket) || response.closed) return;
      if (proxied.isWatch) watches.add(exchange);
      const isFrozen = () => frozen.has(request.socket);
      passOn(incoming, response, fault?.bytes ?? null, request.socket, isFrozen);
    });
    outgoing.on('error', () => {
      if (!frozen.has(request.socket)) request.socket.resetAndDestroy();
    });
    request.pipe(outgoing);
  });
  server.on('connection', (socket) => {
    if (proxy.refusing) {
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert(address !== null && typeof address === 'object', 'the proxy has a port');
  const { port } = address;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'windlass-fault-proxy-'));
  const proxy: FaultProxy = {
    kubeconfigPath: await writeKubeconfig(folder, port),
    port,
    requests: [],
    fault: () => null,
    refusing: false,
    openSockets: () => sockets.size,
    openWatches: () => watches.size,
    resetAll: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freezeAll: () => {
      for (const socket of sockets) frozen.add(socket);
      for (const exchange of exchanges) {
        exchange.upstream?.unpipe(exchange.response);
        exchange.upstream?.destroy();
      }
    },
    closeIdle: () => server.closeIdleConnections(),
    writeToWatches: (bytes) => {
      for (const watch of watches) watch.response.write(bytes);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      upstream.close();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
  return proxy;
}

function passOn(
  incoming: http.IncomingMessage,
  response: http.ServerResponse,
  bytesMax: number | null,
  socket: Socket,
  isFrozen: () => boolean,
): void {
  response.writeHead(required(incoming.statusCode, 'status'), incoming.headers);
  // A watch's headers must arrive before its first event.
  response.flushHeaders();
  incoming.on('error', () => {
    if (!isFrozen()) socket.resetAndDestroy();
  });
  if (bytesMax === null) {
    incoming.pipe(response);
    return;
  }
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    const rest = bytesMax - bytes;
    bytes += chunk.length;
    response.write(chunk.subarray(0, Math.max(0, rest)), () => {
      if (bytes >= bytesMax) socket.destroy();
    });
  });
}

function describe(request: http.IncomingMessage): ProxiedRequest {
  const url = new URL(request.url ?? '/', 'http://proxy');
  return {
    method: request.method ?? '',
    url,
    isWatch: url.searchParams.get('watch') === 'true',
    headers: request.headers,
  };
}

type Upstream = {
  readonly request: (
    from: http.IncomingMessage,
    onResponse: (incoming: http.IncomingMessage) => void,
  ) => http.ClientRequest;
  readonly close: () => void;
};

async function openUpstream(kubeconfigPath: string): Promise<Upstream> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const server = new URL(required(config.getCurrentCluster(), 'cluster').server);
  assert(server.protocol === 'https:', 'the proxy wants a real API server behind it');
  const { ca, cert, key } = options;
  assert(cert !== undefined, 'the proxy authenticates by certificate');
  const agent = new https.Agent({ keepAlive: true, ca, cert, key });
  return {
    request: (from, onResponse) => {
      const { authorization: _authorization, host: _host, ...headers } = from.headers;
      return https.request(
        {
          agent,
          host: server.hostname,
          port: server.port,
          method: from.method,
          path: from.url,
          headers,
        },
        onResponse,
      );
    },
    close: () => agent.destroy(),
  };
}

/** A kubeconfig as JSON, which is YAML. */
export async function writeKubeconfig(
  folder: string,
  port: number,
  user: Readonly<Record<string, unknown>> = {},
  scheme: 'http' | 'https' = 'http',
): Promise<string> {
  const file = path.join(folder, 'kubeconfig');
  const cluster = { server: `${scheme}://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'proxy', cluster }],
      users: [{ name: 'nobody', user }],
      contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'nobody' } }],
      'current-context': 'proxy',
    }),
  );
  return file;
}
