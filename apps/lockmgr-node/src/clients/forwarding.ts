/**
 * Unary calls that reach a node which doesn't lead go on to the leader, once: a plain client
 * behind a load balancer just works.
 */
import { type DescMethodUnary, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  Client,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import {
  asBuffer,
  channelOptions,
  errorOfStatus,
  GrpcError,
  pathOf,
  type UnaryContext,
} from '@windlass/grpc';
import { pause } from '@windlass/lifecycle';
import { LockCode } from '@windlass/lock-wire';
import { LockFailure } from '../node/lock-failure.ts';
import type { LockCalls } from './lock-calls.ts';
import { toGrpcError } from './service-error.ts';

/** Says that a node has passed the call on: it isn't passed on again. */
const forwardedKey = 'windlass-forwarded';

/** What is left of a call without a deadline of its own. A wait may take as long as a session. */
const deadlineMsDefault = 3_600_000;

/** How long a leader that can't be reached is tried: several elections. */
const leaderWaitMs = 3_000;
const retryMs = 50;

const unavailable: number = status.UNAVAILABLE;

export type ForwardingOptions = {
  readonly calls: LockCalls;
  readonly credentials: ChannelCredentials;
};

export type UnaryHandler<Method extends DescMethodUnary> = (
  request: MessageShape<Method['input']>,
  context: UnaryContext,
) => Promise<MessageShape<Method['output']>>;

export type Forwarding = {
  /** Answers here, or at the leader. */
  readonly unary: <Method extends DescMethodUnary>(
    method: Method,
    handle: UnaryHandler<Method>,
  ) => UnaryHandler<Method>;
  readonly close: () => void;
};

export function createForwarding(options: ForwardingOptions): Forwarding {
  const { calls, credentials } = options;
  const clients = new Map<string, Client>();

  function clientOf(address: string): Client {
    const known = clients.get(address);
    if (known !== undefined) return known;
    const client = new Client(address, credentials, channelOptions());
    clients.set(address, client);
    return client;
  }

  /** A leader that has just died is known for one more election timeout: nothing was sent then. */
  async function passOn<Method extends DescMethodUnary>(
    method: Method,
    handle: UnaryHandler<Method>,
    request: MessageShape<Method['input']>,
    context: UnaryContext,
  ): Promise<MessageShape<Method['output']>> {
    const bytes = toBinary(method.input, request);
    const untilMs = performance.now() + leaderWaitMs;
    for (;;) {
      const address = await calls.leaderAddress(context);
      if (address === '') return handle(request, context);
      try {
        const answer = await forward(clientOf(address), pathOf(method), bytes, context, calls);
        return fromBinary<Method['output']>(method.output, answer);
      } catch (error) {
        if (!wasNeverSent(error) || performance.now() > untilMs) throw error;
        await pause(retryMs, context.signal);
      }
    }
  }

  return {
    unary:
      <Method extends DescMethodUnary>(
        method: Method,
        handle: UnaryHandler<Method>,
      ): UnaryHandler<Method> =>
      async (request, context) => {
        try {
          return await handle(request, context);
        } catch (error) {
          if (!(error instanceof LockFailure) || error.code !== LockCode.NotLeader) {
            throw toGrpcError(error);
          }
          if (context.metadata.get(forwardedKey).length > 0) throw toGrpcError(error);
        }
        try {
          return await passOn(method, handle, request, context);
        } catch (error) {
          throw toGrpcError(error);
        }
      },
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

/** grpc-js says so of a call for which it found no connection. */
function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof GrpcError) || error.code !== unavailable) return false;
  return error.message.startsWith('No connection established');
}

function forward(
  client: Client,
  path: string,
  request: Uint8Array,
  context: UnaryContext,
  calls: LockCalls,
): Promise<Buffer> {
  const metadata = new Metadata();
  metadata.set(forwardedKey, '1');
  for (const key of ['authorization', 'traceparent']) {
    for (const value of context.metadata.get(key)) metadata.add(key, value);
  }
  const deadline = Date.now() + (context.remainingMs() ?? deadlineMsDefault);
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest<Uint8Array, Buffer>(
      path,
      asBuffer,
      (bytes) => bytes,
      request,
      metadata,
      { deadline },
      (error: ServiceError | null, answer?: Buffer) => {
        forget();
        context.signal.removeEventListener('abort', gone);
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error === null ? new Error('no answer') : errorOfStatus(error, error));
      },
    );
    function gone(): void {
      call.cancel();
    }
    const forget = calls.tellOfEnd((failure) => {
      call.cancel();
      reject(failure);
    });
    context.signal.addEventListener('abort', gone, { once: true });
  });
}
