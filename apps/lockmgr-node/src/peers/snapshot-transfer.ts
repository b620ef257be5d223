/**
 * Snapshots between nodes: the leader streams its newest one from the disk, the receiver stores it
 * beside its own state and builds a machine of it, and only then is Raft told. Whatever breaks off
 * in between leaves the receiver as it was.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ClientWritableStream, Metadata, type ServerReadableStream } from '@grpc/grpc-js';
import { asBuffer, pathOf } from '@windlass/grpc';
import { LockMachine } from '@windlass/lock-machine';
import { LockCode } from '@windlass/lock-wire';
import {
  type InstallSnapshotRequest,
  InstallSnapshotRequestSchema,
  InstallSnapshotResponseSchema,
  RaftMessageSchema,
  RaftService,
} from '@windlass/proto/lock/internal/v1/raft';
import { decodeMessage, encodeMessage, type Message } from '@windlass/raft';
import type { Log } from '@windlass/telemetry';
import type { SavedSnapshot } from '@windlass/wal';
import { toGrpcError } from '../clients/service-error.ts';
import { LockFailure } from '../node/lock-failure.ts';
import type { Membership, RunningMember } from './membership.ts';
import type { PeerLink } from './peer-link.ts';

/** A peer that takes none for so long has gone; a state of 1 GiB takes seconds. */
const transferDeadlineMs = 300_000;

const installPath = pathOf(RaftService.method.installSnapshot);

/** Sends the newest snapshot to a peer. Resolves with whether it arrived; never rejects. */
export async function sendSnapshot(
  link: PeerLink,
  clusterId: number,
  message: Message,
  snapshot: SavedSnapshot,
  log: Log,
): Promise<boolean> {
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  const stream = link.client.makeClientStreamRequest<Uint8Array, Buffer>(
    installPath,
    asBuffer,
    (bytes) => bytes,
    new Metadata(),
    { deadline: Date.now() + transferDeadlineMs },
    (error) => (error === null ? resolve() : reject(error)),
  );
  stream.on('error', reject);
  const description = { ...message, snapshot: snapshot.description };
  try {
    stream.write(firstPiece(clusterId, description));
    for await (const chunk of snapshot.chunks) {
      if (!stream.write(piece(chunk))) await Promise.race([drained(stream), promise]);
    }
    stream.end();
    await promise;
    log.info('snapshot_sent', { to: message.to, index: snapshot.description.index });
    return true;
  } catch (error) {
    stream.cancel();
    promise.catch(() => undefined);
    log.warn('snapshot_not_sent', { to: message.to, error });
    return false;
  }
}

/** Receives one snapshot: the answer once it is stored and Raft is told. */
export async function receiveSnapshot(
  membership: Membership,
  stream: ServerReadableStream<Buffer, Uint8Array>,
  log: Log,
): Promise<Uint8Array> {
  try {
    const member = membership.running;
    if (member === null) throw new LockFailure(LockCode.Unavailable, 'this node is being formed');
    const message = await store(member, membership.nodeId, stream);
    const index = message.snapshot?.index;
    log.info('snapshot_received', { from: message.from, index });
    return toBinary(InstallSnapshotResponseSchema, create(InstallSnapshotResponseSchema));
  } catch (error) {
    log.warn('snapshot_refused', { error });
    throw toGrpcError(error);
  }
}

async function store(
  member: RunningMember,
  nodeId: number,
  call: AsyncIterable<Buffer>,
): Promise<Message> {
  const pieces = call[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) throw new LockFailure(LockCode.Invalid, 'message: is missing');
  const message = descriptionOf(first.value, member.clusterId, nodeId);
  const { snapshot } = message;
  if (snapshot === null) throw new LockFailure(LockCode.Invalid, 'snapshot: is missing');
  if (member.node.replica.awaitsSnapshot) {
    throw new LockFailure(LockCode.Unavailable, 'another snapshot is being installed');
  }
  const restore = LockMachine.restore();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      const { chunk } = pieceOf(next.value);
      restore.push(chunk);
      yield chunk;
    }
  }
  await member.wal.receiveSnapshot(snapshot, chunks());
  const restored = restore.finish();
  if (!restored.ok) throw new LockFailure(LockCode.Invalid, `snapshot: ${restored.error.kind}`);
  const machine = restored.value;
  if (member.node.replica.awaitsSnapshot) {
    throw new LockFailure(LockCode.Unavailable, 'another snapshot is being installed');
  }
  if (machine.appliedIndex !== snapshot.index) {
    throw new LockFailure(LockCode.Invalid, 'snapshot: its state is of another index');
  }
  member.node.replica.receivedSnapshot({ message, machine });
  member.node.wake();
  return message;
}

function descriptionOf(bytes: Buffer, clusterId: number, nodeId: number): Message {
  const request = pieceOf(bytes);
  if (Number(request.clusterId) !== clusterId) {
    throw new LockFailure(LockCode.Invalid, `cluster_id: this is ${clusterId}`);
  }
  if (request.message === undefined) throw new LockFailure(LockCode.Invalid, 'message: is missing');
  const decoded = decodeMessage(toBinary(RaftMessageSchema, request.message));
  if (!decoded.ok) throw new LockFailure(LockCode.Invalid, `message: ${decoded.error}`);
  if (decoded.value.to !== nodeId) throw new LockFailure(LockCode.Invalid, 'to: another node');
  return decoded.value;
}

function pieceOf(bytes: Uint8Array): InstallSnapshotRequest {
  try {
    return fromBinary(InstallSnapshotRequestSchema, bytes);
  } catch (cause) {
    throw new LockFailure(LockCode.Invalid, `piece: can't be read: ${String(cause)}`);
  }
}

function firstPiece(clusterId: number, message: Message): Uint8Array {
  return toBinary(
    InstallSnapshotRequestSchema,
    create(InstallSnapshotRequestSchema, {
      clusterId: BigInt(clusterId),
      message: fromBinary(RaftMessageSchema, encodeMessage(message)),
    }),
  );
}

function piece(chunk: Uint8Array): Uint8Array {
  return toBinary(InstallSnapshotRequestSchema, create(InstallSnapshotRequestSchema, { chunk }));
}

function drained(stream: ClientWritableStream<Uint8Array>): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve);
  });
}
