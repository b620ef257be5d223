/**
 * What an app writes for each method of a generated service, and how that becomes what grpc-js
 * calls: failures become statuses, and none is left without an answer.
 */
import type { DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import type {
  Metadata,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Log } from '@windlass/telemetry';
import { isOurFault, statusOf } from './grpc-error.ts';
import { type PeerIdentity, peerOf } from './peer.ts';
import { pathOf, serviceDefinition } from './service-definition.ts';

/** A unary call beside its request. */
export type UnaryContext = {
  readonly metadata: Metadata;
  /** Aborts when the client cancels, its deadline passes or its connection breaks. */
  readonly signal: AbortSignal;
  /** The same as a callback, which costs a tenth; it's also called after an answer. */
  readonly onCancelled: (listener: () => void) => void;
  /** Milliseconds until the caller's deadline; null without one. */
  readonly remainingMs: () => number | null;
  readonly peer: () => PeerIdentity;
};

type Request<Method extends GenServiceMethods[string], Raw> = Raw extends true
  ? Buffer
  : MessageShape<Method['input']>;
type Response<Method extends GenServiceMethods[string], Raw> = Raw extends true
  ? Uint8Array
  : MessageInitShape<Method['output']>;

/** A stream's handler may return a promise; its failure ends the call. */
type Handler<Method extends GenServiceMethods[string], Raw> = {
  readonly unary: (
    request: Request<Method, Raw>,
    context: UnaryContext,
  ) => Response<Method, Raw> | Promise<Response<Method, Raw>>;
  readonly server_streaming: (
    stream: ServerWritableStream<Request<Method, Raw>, Response<Method, Raw>>,
  ) => unknown;
  readonly client_streaming: (
    stream: ServerReadableStream<Request<Method, Raw>, Response<Method, Raw>>,
  ) => Promise<Response<Method, Raw>>;
  readonly bidi_streaming: (
    stream: ServerDuplexStream<Request<Method, Raw>, Response<Method, Raw>>,
  ) => unknown;
}[Method['methodKind']];

export type Handlers<Methods extends GenServiceMethods, Raw extends string = never> = {
  readonly [Name in keyof Methods]: Handler<Methods[Name], Name extends Raw ? true : false>;
};

/** A service with its handlers, for startGrpcServer. */
export type ServedService = {
  readonly service: DescService;
  readonly definition: ServiceDefinition;
  /** Paths of the streams whose messages stay bytes: their handlers see to everything. */
  readonly rawStreams: readonly string[];
  readonly implementation: (log: Log) => UntypedServiceImplementation;
};

/**
 * Binds handlers to a service. Those in `raw` take and give bytes.
 *
 * A handler refuses by throwing a GrpcError or a WindlassError; anything else that it throws is a
 * bug: INTERNAL, logged once.
 */
export function serve<
  Methods extends GenServiceMethods,
  Raw extends string & keyof Methods = never,
>(
  service: GenService<Methods>,
  handlers: Handlers<Methods, Raw>,
  options: { readonly raw?: readonly Raw[] } = {},
): ServedService {
  const raw: readonly string[] = options.raw ?? [];
  return {
    service,
    definition: serviceDefinition(service, options),
    rawStreams: service.methods
      .filter(({ localName, methodKind }) => methodKind !== 'unary' && raw.includes(localName))
      .map(pathOf),
    implementation: (log) =>
      Object.fromEntries(
        service.methods.map((method) => {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Handlers checked it
          const handler = Reflect.get(handlers, method.localName) as AnyHandler;
          const refusal = refusalsOf(pathOf(method), log);
          return [method.localName, adapted(method.methodKind, handler, refusal)];
        }),
      ),
  };
}

type AnyHandler = (...parameters: readonly unknown[]) => unknown;
type Refusal = (error: unknown) => ReturnType<typeof statusOf>;

/** The one place where a failed call's cause is logged. Refusals are not failures. */
function refusalsOf(path: string, log: Log): Refusal {
  return (error) => {
    const status = statusOf(error);
    if (isOurFault(status)) log.error('grpc_call_failed', { method: path, error });
    return status;
  };
}

function adapted(
  kind: 'unary' | 'server_streaming' | 'client_streaming' | 'bidi_streaming',
  handler: AnyHandler,
  refusal: Refusal,
): UntypedServiceImplementation[string] {
  switch (kind) {
    case 'unary':
      return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
        answer(() => handler(call.request, contextOf(call)), callback, refusal);
      };
    case 'client_streaming':
      return (stream: ServerReadableStream<unknown, unknown>, callback: sendUnaryData<unknown>) => {
        answer(() => handler(stream), callback, refusal);
      };
    case 'server_streaming':
      return (stream: ServerWritableStream<unknown, unknown>) => run(handler, stream, refusal);
    case 'bidi_streaming':
      return (stream: ServerDuplexStream<unknown, unknown>) => run(handler, stream, refusal);
    default:
      return kind satisfies never;
  }
}

function answer(handle: () => unknown, callback: sendUnaryData<unknown>, refusal: Refusal): void {
  let value: unknown;
  try {
    value = handle();
  } catch (error) {
    callback(refusal(error));
    return;
  }
  if (value instanceof Promise) void answerLater(value, callback, refusal);
  else callback(null, value);
}

async function answerLater(
  settling: Promise<unknown>,
  callback: sendUnaryData<unknown>,
  refusal: Refusal,
): Promise<void> {
  let value: unknown;
  try {
    value = await settling;
  } catch (error) {
    callback(refusal(error));
    return;
  }
  callback(null, value);
}

function run(
  handler: AnyHandler,
  stream: ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>,
  refusal: Refusal,
): void {
  // grpc-js turns an 'error' of the stream into its status, and ends it.
  const failed = (error: unknown) => void stream.emit('error', refusal(error));
  try {
    const result = handler(stream);
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function contextOf(call: ServerUnaryCall<unknown, unknown>): UnaryContext {
  let controller: AbortController | null = null;
  return {
    metadata: call.metadata,
    // Made where it is asked for: most handlers answer at once.
    get signal() {
      if (controller === null) {
        controller = new AbortController();
        const made = controller;
        if (call.cancelled) made.abort();
        else call.once('cancelled', () => made.abort());
      }
      return controller.signal;
    },
    onCancelled: (listener) => {
      if (call.cancelled) listener();
      else call.once('cancelled', listener);
    },
    remainingMs: () => {
      const deadline = Number(call.getDeadline());
      return Number.isFinite(deadline) ? deadline - Date.now() : null;
    },
    peer: () => peerOf(call),
  };
}
