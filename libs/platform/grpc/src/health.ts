/** grpc.health.v1: what Kubernetes' gRPC probes and load balancers ask. */
import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { status as codes, type ServerWritableStream } from '@grpc/grpc-js';
import {
  Health,
  type HealthCheckRequestSchema,
  type HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from '@windlass/proto/grpc/health/v1';
import { GrpcError } from './grpc-error.ts';
import { type ServedService, serve } from './handlers.ts';

type Watcher = ServerWritableStream<
  MessageShape<typeof HealthCheckRequestSchema>,
  MessageInitShape<typeof HealthCheckResponseSchema>
>;

export type HealthStates = {
  readonly served: ServedService;
  /** `''` is the server as a whole. */
  readonly set: (service: string, isServing: boolean) => void;
  /** Nothing serves any more: watchers hear it, and their streams end. */
  readonly end: () => void;
};

export function healthStates(services: readonly string[]): HealthStates {
  const states = new Map(['', ...services].map((name) => [name, true]));
  /** By service. Bounded by the server's limit of calls. */
  const watchers = new Map<string, Set<Watcher>>();
  let isEnded = false;

  const stateOf = (service: string) => {
    const isServing = states.get(service);
    if (isServing === undefined) return Serving.SERVICE_UNKNOWN;
    return isServing ? Serving.SERVING : Serving.NOT_SERVING;
  };
  const set = (service: string, isServing: boolean) => {
    if (isEnded || states.get(service) === isServing) return;
    states.set(service, isServing);
    for (const watcher of watchers.get(service) ?? []) watcher.write({ status: stateOf(service) });
  };
  const watch = (stream: Watcher) => {
    const { service } = stream.request;
    stream.write({ status: stateOf(service) });
    if (isEnded) {
      stream.end();
      return;
    }
    const others = watchers.get(service) ?? new Set();
    watchers.set(service, others.add(stream));
    stream.once('cancelled', () => {
      others.delete(stream);
      if (others.size === 0) watchers.delete(service);
    });
  };
  const check = ({ service }: { readonly service: string }) => {
    if (states.has(service)) return { status: stateOf(service) };
    throw new GrpcError(codes.NOT_FOUND, 'no such service');
  };
  return {
    served: serve(Health, { check, watch }),
    set,
    end: () => {
      for (const service of states.keys()) set(service, false);
      isEnded = true;
      for (const stream of [...watchers.values()].flatMap((set) => [...set])) stream.end();
    },
  };
}
