/**
 * The way to one peer: a stream of messages that is opened again when it breaks. Raft copes with
 * lost messages, so nothing is kept for a peer that doesn't take them.
 */

import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import { Client, type ClientWritableStream, type ServiceError } from '@grpc/grpc-js';
import { backoffDelayMs, systemRandom } from '@windlass/base';
import { asBuffer, pathOf } from '@windlass/grpc';
import { RaftService } from '@windlass/proto/lock/internal/v1/raft';
import type { Log } from '@windlass/telemetry';

/** Short: a peer that is back must be heard within an election timeout. */
const reconnectBackoff = { initialMs: 20, maxMs: 200 };

/** A stream that lasted so long was a working one: its end is news. */
const steadyMs = 1_000;

/** What may wait in the stream's buffer: beyond it messages are dropped, as by a bad network. */
const bufferedBytesMax = 16 * 1024 * 1024;

export type PeerLinkOptions = {
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  readonly log: Log;
  /** Messages could not be brought to the peer. */
  readonly onUnreachable: () => void;
};

export type PeerLink = {
  readonly address: string;
  /** The client of this peer's address, for calls beside the stream. */
  readonly client: Client;
  /** False: dropped. */
  readonly send: (frame: Uint8Array) => boolean;
  readonly close: () => void;
};

const exchangePath = pathOf(RaftService.method.exchange);

export function openPeerLink(options: PeerLinkOptions): PeerLink {
  const { address, channelOptions, credentials, log, onUnreachable } = options;
  const client = new Client(address, credentials, channelOptions);
  let stream: ClientWritableStream<Uint8Array> | null = null;
  let failures = 0;
  let openedMs = 0;
  let retry: NodeJS.Timeout | null = null;
  let closed = false;

  function open(): void {
    retry = null;
    const opened = client.makeClientStreamRequest<Uint8Array, Buffer>(
      exchangePath,
      asBuffer,
      (bytes) => bytes,
      (error) => ended(opened, error),
    );
    opened.on('error', () => undefined);
    stream = opened;
    openedMs = performance.now();
  }

  function ended(which: ClientWritableStream<Uint8Array>, error: ServiceError | null): void {
    if (stream !== which) return;
    stream = null;
    if (closed) return;
    if (performance.now() - openedMs > steadyMs) failures = 0;
    if (failures === 0) log.warn('peer_unreachable', { address, error });
    failures += 1;
    onUnreachable();
    retry = setTimeout(open, backoffDelayMs(failures, reconnectBackoff, systemRandom));
  }

  open();
  return {
    address,
    client,
    send: (frame) => {
      if (stream === null || stream.writableLength > bufferedBytesMax) return false;
      stream.write(frame);
      return true;
    },
    close: () => {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      stream?.cancel();
      client.close();
    },
  };
}
