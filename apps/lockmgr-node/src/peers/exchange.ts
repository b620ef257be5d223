/** Raft's messages from the other nodes: a stream from each of them. */
import { create, toBinary } from '@bufbuild/protobuf';
import type { ServerReadableStream } from '@grpc/grpc-js';
import { LockCode } from '@windlass/lock-wire';
import { ExchangeResponseSchema } from '@windlass/proto/lock/internal/v1/raft';
import { decodeMessages, MessageKind } from '@windlass/raft';
import type { LockCalls } from '../clients/lock-calls.ts';
import { toGrpcError } from '../clients/service-error.ts';
import { LockFailure } from '../node/lock-failure.ts';
import type { Membership } from './membership.ts';

const goodbye = toBinary(ExchangeResponseSchema, create(ExchangeResponseSchema));

/** Resolves when the peer ends the stream, or this node ends. */
export function serveExchange(
  membership: Membership,
  calls: LockCalls,
  stream: ServerReadableStream<Buffer, Uint8Array>,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const forget = calls.tellOfEnd(() => resolve(goodbye));
  stream.on('data', (bytes: Buffer) => {
    try {
      hear(membership, bytes);
    } catch (error) {
      reject(toGrpcError(error));
    }
  });
  stream.on('end', () => resolve(goodbye));
  stream.on('error', reject);
  stream.on('cancelled', () => resolve(goodbye));
  return promise.finally(forget);
}

function hear(membership: Membership, bytes: Buffer): void {
  const decoded = decodeMessages(bytes);
  if (!decoded.ok) throw new LockFailure(LockCode.Invalid, `messages: ${decoded.error}`);
  const member = membership.running;
  // A node that is being formed hears its peers a moment too early: they send again.
  if (member === null) return;
  const { clusterId, messages } = decoded.value;
  if (clusterId !== member.clusterId) {
    const message = `cluster_id: ${clusterId}; this is ${member.clusterId}`;
    throw new LockFailure(LockCode.Invalid, message);
  }
  for (const message of messages) {
    if (message.to !== membership.nodeId) continue;
    if (message.kind === MessageKind.Snapshot) continue;
    member.node.replica.receive(message);
  }
  member.node.wake();
}
