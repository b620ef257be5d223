/** Calls to a gRPC server: unary ones typed and with a deadline, streams by grpc-js itself. */

import type { DescMethod } from '@bufbuild/protobuf';
import {
  create,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import { type ChannelCredentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Metrics } from '@windlass/telemetry';
import { currentTraceparent, startSpan } from '@windlass/telemetry';
import { errorOfStatus } from './grpc-error.ts';
import { channelOptions, defaultGrpcLimits, type GrpcLimits } from './limits.ts';
import { codeName } from './observe.ts';
import { asBuffer, pathOf } from './service-definition.ts';

export type GrpcClientOptions = {
  readonly credentials: ChannelCredentials;
  readonly metrics: Metrics;
  readonly limits?: Partial<GrpcLimits>;
};

export type CallOptions = {
  /** From now on, connecting included. Required: no call waits for ever. */
  readonly deadlineMs: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Such as `authorization`. */
  readonly metadata?: Readonly<Record<string, string>>;
};

/** The unary methods of a service. A call rejects with a GrpcError. */
export type UnaryCalls<Methods extends GenServiceMethods> = {
  readonly [Name in keyof Methods as Methods[Name]['methodKind'] extends 'unary' ? Name : never]: (
    request: MessageInitShape<Methods[Name]['input']>,
    options: CallOptions,
  ) => Promise<MessageShape<Methods[Name]['output']>>;
};

export type GrpcClient<Methods extends GenServiceMethods> = {
  readonly calls: UnaryCalls<Methods>;
  /** For streams: `channel.makeBidiStreamRequest(pathOf(method), …, callMetadata())`. */
  readonly channel: Client;
  /** Calls under way end as cancelled. */
  readonly close: () => void;
};

/** @param address host:port; `dns:///` before it resolves all addresses of the name */
export function grpcClient<Methods extends GenServiceMethods>(
  service: GenService<Methods>,
  address: string,
  options: GrpcClientOptions,
): GrpcClient<Methods> {
  const limits = { ...defaultGrpcLimits, ...options.limits };
  const channel = new Client(address, options.credentials, channelOptions(limits));
  const duration = options.metrics.histogram(
    'grpc_client_request_duration_seconds',
    'From the call to its status.',
    ['method', 'code'],
  );
  const observe = (method: string, code: number, durationMs: number) =>
    duration.observe({ method, code: codeName(code) }, durationMs / 1000);
  const calls = Object.fromEntries(
    service.methods
      .filter(({ methodKind }) => methodKind === 'unary')
      .map((method) => [method.localName, unaryCall(channel, method, observe)]),
  );
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets the names
    calls: calls as unknown as UnaryCalls<Methods>,
    channel,
    close: () => channel.close(),
  };
}

/** Metadata of a call from here: the trace that runs now, and what is given. */
export function callMetadata(
  fields: Readonly<Record<string, string>> = {},
  traceparent: string | null = currentTraceparent(),
): Metadata {
  const metadata = new Metadata();
  if (traceparent !== null) metadata.set('traceparent', traceparent);
  for (const [name, value] of Object.entries(fields)) metadata.set(name, value);
  return metadata;
}

type Observe = (method: string, code: number, durationMs: number) => void;

function unaryCall(channel: Client, method: DescMethod, observe: Observe) {
  const { input, output } = method;
  const path = pathOf(method);
  const serialize = (value: MessageInitShape<typeof input>) =>
    asBuffer(toBinary(input, create(input, value)));
  return (request: MessageInitShape<typeof input>, options: CallOptions): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { signal } = options;
    const startedMs = performance.now();
    const span = startSpan(path.slice(1), { 'rpc.system': 'grpc' }, 'client');
    const cancel = () => call.cancel();
    const ended = (error: ServiceError | null, response?: unknown) => {
      signal?.removeEventListener('abort', cancel);
      observe(path, error?.code ?? 0, performance.now() - startedMs);
      span.end(error ?? undefined);
      if (error === null) resolve(response);
      else reject(errorOfStatus(error, error));
    };
    const call = channel.makeUnaryRequest(
      path,
      serialize,
      (bytes) => fromBinary(output, bytes),
      request,
      callMetadata(options.metadata, span.traceparent),
      { deadline: Date.now() + options.deadlineMs },
      ended,
    );
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel);
    return promise;
  };
}
