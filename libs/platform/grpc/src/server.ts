/**
 * A gRPC server with everything that all of ours have in common: health, reflection, TLS, bounds,
 * metrics, traces, errors of the one table, and an end that lets calls finish.
 */
import { Server } from '@grpc/grpc-js';
import type { Log, Metrics } from '@windlass/telemetry';
import type { ServedService } from './handlers.ts';
import { healthStates } from './health.ts';
import { defaultGrpcLimits, type GrpcLimits, serverOptions } from './limits.ts';
import { observeCalls } from './observe.ts';
import { reflectionServices } from './reflection.ts';
import { type ServerTlsFiles, serverCredentials } from './tls.ts';

export type GrpcServerOptions = {
  /** An address of this machine; 0.0.0.0 or :: for all. */
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Made by serve(). */
  readonly services: readonly ServedService[];
  readonly log: Log;
  readonly metrics: Metrics;
  /** Null: plain text, for a network that is trusted, or a mesh. */
  readonly tls: ServerTlsFiles | null;
  readonly limits?: Partial<GrpcLimits>;
  /** Off where callers shall not learn what there is; on by default. */
  readonly reflection?: boolean;
  /** How often the files of TLS are looked at; by default reloadIntervalMs. */
  readonly reloadIntervalMs?: number;
};

export type RunningGrpcServer = {
  readonly port: number;
  /** State in grpc.health.v1, by the full name of a service; '' is the server as a whole. */
  readonly setServing: (service: string, isServing: boolean) => void;
  /**
   * Takes no new calls, waits for those under way, and breaks off what is left at the deadline.
   * Long streams of the app are the app's to end.
   */
  readonly close: (deadlineMs: number) => Promise<void>;
};

/** How long connections may take to go after they were broken off. */
const forcedEndMs = 500;

/** Rejects where the address can't be had or the files of TLS can't be used. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<RunningGrpcServer> {
  const { log, metrics } = options;
  const limits = { ...defaultGrpcLimits, ...options.limits };
  const rawStreams = new Set(options.services.flatMap((service) => service.rawStreams));
  const server = new Server({
    ...serverOptions(limits),
    interceptors: [observeCalls(log, metrics, rawStreams)],
  });
  const health = healthStates(options.services.map(({ service }) => service.typeName));
  const served = [...options.services, health.served];
  const reflected =
    options.reflection === false ? [] : reflectionServices(served.map(({ service }) => service));
  for (const { definition, implementation } of [...served, ...reflected]) {
    server.addService(definition, implementation(log));
  }
  const { credentials, stop } = serverCredentials(options.tls, log, options.reloadIntervalMs);
  const port = await bind(server, `${hostOf(options.address)}:${options.port}`, credentials).catch(
    (error: unknown) => {
      stop();
      throw error;
    },
  );
  return {
    port,
    setServing: health.set,
    close: (deadlineMs) => {
      stop();
      health.end();
      return shutDown(server, `${hostOf(options.address)}:${port}`, deadlineMs, log);
    },
  };
}

function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function bind(
  server: Server,
  address: string,
  credentials: ReturnType<typeof serverCredentials>['credentials'],
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(address, credentials, (error, port) => {
    if (error === null) resolve(port);
    else reject(new Error(`can not listen on ${address}`, { cause: error }));
  });
  return promise;
}

function shutDown(server: Server, address: string, deadlineMs: number, log: Log): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(
    () => log.warn('grpc_calls_broken_off', { deadline_ms: deadlineMs }),
    deadlineMs,
  );
  const last = setTimeout(resolve, deadlineMs + forcedEndMs);
  // Ends connections without calls now and all others at the deadline. In this order: without
  // channelz grpc-js' forceShutdown finds no connections, and drain none that are closing already.
  server.drain(address, deadlineMs);
  server.tryShutdown(() => {
    clearTimeout(late);
    clearTimeout(last);
    resolve();
  });
  return promise;
}
