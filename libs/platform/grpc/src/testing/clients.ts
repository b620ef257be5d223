/** Clients for the tests beside this folder, also of bytes that no client would send. */
import type { DescMethod } from '@bufbuild/protobuf';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { LockService } from '@windlass/proto/lock/v1';
import { createMetrics } from '@windlass/telemetry';
import { grpcClient } from '../client.ts';
import { GrpcError } from '../grpc-error.ts';
import { pathOf } from '../service-definition.ts';

export const metrics = createMetrics('test-client');

export function lockClient(address: string) {
  return grpcClient(LockService, address, { credentials: credentials.createInsecure(), metrics });
}

/** The error of a call, which must fail. */
export async function errorOf(call: Promise<unknown>): Promise<GrpcError> {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  if (error instanceof GrpcError) return error;
  throw new Error('a GrpcError was expected', { cause: error });
}

export function rawClient(address: string): Client {
  return new Client(address, credentials.createInsecure());
}

/** What a call came to. */
export type Outcome = { readonly code: number; readonly details: string };

const asIs = (bytes: Buffer): Buffer => bytes;

/** Sends the messages by the method's own shape. Streams are left open: the server has to end them. */
export function sendBytes(
  client: Client,
  method: DescMethod,
  messages: readonly Uint8Array[],
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const path = pathOf(method);
  const first = Buffer.from(messages[0] ?? []);
  const metadata = new Metadata();
  const deadline = { deadline: Date.now() + 3_000 };
  const end = ({ code, details }: Outcome) => resolve({ code, details });
  const nothing = () => undefined;
  switch (method.methodKind) {
    case 'unary':
      client
        .makeUnaryRequest(path, asIs, asIs, first, metadata, deadline, nothing)
        .on('status', end);
      break;
    case 'server_streaming':
      client
        .makeServerStreamRequest(path, asIs, asIs, first, metadata, deadline)
        .on('status', end)
        .on('error', nothing)
        .resume();
      break;
    case 'client_streaming': {
      const call = client.makeClientStreamRequest(path, asIs, asIs, metadata, deadline, nothing);
      call.on('status', end).on('error', nothing);
      for (const message of messages) call.write(Buffer.from(message));
      break;
    }
    case 'bidi_streaming': {
      const call = client.makeBidiStreamRequest(path, asIs, asIs, metadata, deadline);
      call.on('status', end).on('error', nothing).resume();
      for (const message of messages) call.write(Buffer.from(message));
      break;
    }
    default:
      method.methodKind satisfies never;
  }
  return promise;
}
