/**
 * Fetches a backup from a running cluster: finds its leader, streams the file, and reads it while it
 * comes in, so that what is kept is known to be whole.
 */
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { ChannelCredentials, ServiceError } from '@grpc/grpc-js';
import { asBuffer, callMetadata, errorOfStatus, grpcClient, pathOf } from '@windlass/grpc';
import {
  BackupRequestSchema,
  BackupResponseSchema,
  ClusterService,
} from '@windlass/proto/lock/v1/cluster';
import type { Metrics } from '@windlass/telemetry';
import { readBackup } from './backup.ts';

/** To find the leader; a node that is there answers at once. */
const statusDeadlineMs = 5_000;

/** A state of 1 GiB takes seconds. */
const backupDeadlineMs = 600_000;

export type FetchParts = {
  /** host:port of any node. */
  readonly address: string;
  /** Where it goes; '-' is standard output. */
  readonly file: string;
  readonly token: string | null;
  readonly credentials: ChannelCredentials;
  readonly metrics: Metrics;
};

export type Fetched = {
  readonly bytes: number;
  readonly leader: string;
  readonly index: number;
  readonly sessions: number;
  readonly locks: number;
};

/** Rejects with a GrpcError, or with what is wrong with the file; a half of it isn't kept. */
export async function fetchBackup(parts: FetchParts): Promise<Fetched> {
  const { file } = parts;
  const leader = await leaderOf(parts);
  if (file === '-') return write(parts, leader, process.stdout);
  const unfinished = `${file}.part`;
  const output = createWriteStream(unfinished, { mode: 0o600 });
  try {
    const fetched = await write(parts, leader, output);
    output.end();
    await finished(output);
    await makeDurable(unfinished);
    await rename(unfinished, file);
    return fetched;
  } catch (error) {
    output.destroy();
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function leaderOf({ address, credentials, metrics }: FetchParts): Promise<string> {
  const client = grpcClient(ClusterService, address, { credentials, metrics });
  try {
    const status = await client.calls.status({}, { deadlineMs: statusDeadlineMs });
    if (status.leaderId === 0n) throw new Error(`${address} knows of no leader`);
    // By the way that was given, where that leads to the leader.
    return status.leaderId === status.memberId ? address : status.leaderAddress;
  } finally {
    client.close();
  }
}

async function write(parts: FetchParts, leader: string, output: Writable): Promise<Fetched> {
  let bytes = 0;
  async function* written(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunksFrom(parts, leader)) {
      bytes += chunk.length;
      if (!output.write(chunk)) await drained(output);
      yield chunk;
    }
  }
  const machine = await readBackup(written());
  const { locks, sessions } = machine.counts();
  return { bytes, leader, index: machine.appliedIndex, sessions, locks };
}

async function* chunksFrom(
  { credentials, metrics, token }: FetchParts,
  leader: string,
): AsyncGenerator<Uint8Array> {
  const client = grpcClient(ClusterService, leader, { credentials, metrics });
  const stream = client.channel.makeServerStreamRequest(
    pathOf(ClusterService.method.backup),
    asBuffer,
    (bytes) => fromBinary(BackupResponseSchema, bytes),
    toBinary(BackupRequestSchema, create(BackupRequestSchema)),
    callMetadata(token === null ? {} : { authorization: `Bearer ${token}` }),
    { deadline: Date.now() + backupDeadlineMs },
  );
  try {
    for await (const { chunk } of stream) yield chunk;
  } catch (error) {
    throw isServiceError(error) ? errorOfStatus(error, error) : error;
  } finally {
    stream.cancel();
    client.close();
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

/** A full disk ends the wait as well. */
function drained(output: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    output.once('drain', resolve);
    output.once('error', reject);
  });
}

async function makeDurable(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
