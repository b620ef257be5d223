/**
 * gRPC: the only file that talks to the network. Connections are shared by all clients of the
 * process with the same settings (grpc-js keeps them), so many clients are cheap.
 *
 * Frames are coded by lock-wire; grpc-js gets bytes and hands out bytes.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import {
  Client,
  type ClientReadableStream,
  credentials as grpcCredentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { decodeSessionResponse, encodeSessionRequest } from '@windlass/lock-wire';
import { StatusSchema } from '@windlass/proto/google/rpc';
import { LockErrorSchema } from '@windlass/proto/lock/v1';
import { errorCodeOf, type LockErrorCode } from './lock-error.ts';
import { addressesKeptMax } from './session/limits.ts';
import type { StreamEnd } from './session/stream-end.ts';
import type { SessionStream, SessionTransport, StreamListener } from './surroundings.ts';

export type TlsOptions = {
  /** PEM of the authorities that are trusted; by default those of Node. */
  readonly ca?: string | Buffer;
  /** PEM of this client's certificate and its key, for mutual TLS. */
  readonly certificate?: string | Buffer;
  readonly key?: string | Buffer;
};

export type TransportOptions = {
  /** Absent: plain text. */
  readonly tls?: TlsOptions;
  /** Sent as `authorization: Bearer …`. */
  readonly token?: string;
  /**
   * True: connections of its own. By default clients of one process with the same settings share
   * one for each address, which costs both sides less.
   */
  readonly ownConnections?: boolean;
};

/** How a call failed. */
export type CallFailure = {
  /** Null where the lock manager said nothing. */
  readonly code: LockErrorCode | null;
  readonly status: number;
  readonly message: string;
  readonly leaderAddress: string;
  readonly cause: unknown;
};

export type ByteStream = {
  readonly messages: AsyncIterable<Uint8Array>;
  readonly cancel: () => void;
};

export type Transport = SessionTransport & {
  /** @throws ServiceError; see failureOf() */
  readonly call: (
    address: string,
    path: string,
    request: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal | null,
  ) => Promise<Uint8Array>;
  /** Its iteration throws ServiceError. */
  readonly stream: (address: string, path: string, request: Uint8Array) => ByteStream;
  readonly close: () => void;
};

const sessionPath = '/windlass.lock.v1.LockService/Session';
const detailsKey = 'grpc-status-details-bin';

/** The client itself decides when to try again: grpc-js shall not be slower than that. */
const channelOptions = {
  'grpc.initial_reconnect_backoff_ms': 20,
  'grpc.max_reconnect_backoff_ms': 200,
  // A connection that died without a word is noticed, and replaced, also where nothing is sent.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
} as const;

export function createTransport(options: TransportOptions): Transport {
  const { ownConnections = false, tls, token } = options;
  const credentials = credentialsOf(tls);
  const clients = new Map<string, Client>();
  let isClosed = false;

  function clientOf(address: string): Client {
    const known = clients.get(address);
    if (known !== undefined) return known;
    // Pods come and go with their addresses.
    if (clients.size >= addressesKeptMax) {
      for (const client of clients.values()) client.close();
      clients.clear();
    }
    const client = new Client(address, credentials, {
      ...channelOptions,
      'grpc.use_local_subchannel_pool': ownConnections ? 1 : 0,
    });
    clients.set(address, client);
    return client;
  }

  function metadata(): Metadata {
    const headers = new Metadata();
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return headers;
  }

  return {
    open: (address, listener) => openSession(clientOf(address), metadata(), listener),
    call: (address, path, request, timeoutMs, signal) =>
      new Promise((resolve, reject) => {
        const call = clientOf(address).makeUnaryRequest<Uint8Array, Buffer>(
          path,
          asBuffer,
          asIs,
          request,
          metadata(),
          { deadline: Date.now() + timeoutMs },
          (error, answer) => {
            signal?.removeEventListener('abort', cancel);
            if (error === null && answer !== undefined) resolve(answer);
            else reject(error ?? new Error('no answer'));
          },
        );
        function cancel(): void {
          call.cancel();
        }
        signal?.addEventListener('abort', cancel, { once: true });
        if (isClosed || signal?.aborted === true) call.cancel();
      }),
    stream: (address, path, request) => {
      const call: ClientReadableStream<Buffer> = clientOf(address).makeServerStreamRequest(
        path,
        asBuffer,
        asIs,
        request,
        metadata(),
      );
      // Also told to whoever iterates; without a listener of its own an early one would be thrown.
      call.on('error', ignore);
      return { messages: call, cancel: () => call.cancel() };
    },
    close: () => {
      isClosed = true;
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

function openSession(client: Client, metadata: Metadata, listener: StreamListener): SessionStream {
  const call = client.makeBidiStreamRequest<Uint8Array, Buffer>(
    sessionPath,
    asBuffer,
    asIs,
    metadata,
    {},
  );
  let isOver = false;

  function end(streamEnd: StreamEnd): void {
    if (isOver) return;
    isOver = true;
    listener.ended(streamEnd);
  }

  call.on('data', (bytes: Buffer) => {
    if (isOver) return;
    const decoded = decodeSessionResponse(bytes);
    if (decoded.ok) {
      listener.frame(decoded.value);
      return;
    }
    call.cancel();
    const { message, offset } = decoded.error;
    end({ ...brokenEnd, message: `frame: ${message} at byte ${offset}` });
  });
  call.on('error', (error: ServiceError) => {
    const { cause, code, leaderAddress, message } = failureOf(error);
    end({ code, message, leaderAddress, isRegular: false, cause });
  });
  // After the last frame; where there is an error, it came before.
  call.on('end', () => {
    end({ ...brokenEnd, message: 'the stream has ended', isRegular: true });
  });
  return {
    send: (frame) => {
      if (!isOver) call.write(encodeSessionRequest(frame));
    },
    cancel: () => {
      isOver = true;
      call.cancel();
    },
  };
}

const brokenEnd: StreamEnd = {
  code: null,
  message: '',
  leaderAddress: '',
  isRegular: false,
  cause: undefined,
};

/** What a failed call says. */
export function failureOf(error: unknown): CallFailure {
  if (!isServiceError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: null, status: status.UNKNOWN, message, leaderAddress: '', cause: error };
  }
  const detail = detailOf(error.metadata);
  return {
    code: detail === null ? (plainCodes.get(error.code) ?? null) : errorCodeOf(detail.code),
    status: error.code,
    message: detail === null || detail.message === '' ? error.details : detail.message,
    leaderAddress: detail?.leaderAddress ?? '',
    cause: error,
  };
}

/** Said by what stands before the lock manager, without details. */
const plainCodes: ReadonlyMap<number, LockErrorCode> = new Map([
  [status.PERMISSION_DENIED, 'PermissionDenied'],
  [status.UNAUTHENTICATED, 'PermissionDenied'],
  [status.UNIMPLEMENTED, 'Unimplemented'],
  [status.INVALID_ARGUMENT, 'Invalid'],
]);

function detailOf(metadata: Metadata | undefined) {
  const [bytes] = metadata?.get(detailsKey) ?? [];
  if (!Buffer.isBuffer(bytes)) return null;
  try {
    for (const detail of fromBinary(StatusSchema, bytes).details) {
      const lockError = anyUnpack(detail, LockErrorSchema);
      if (lockError !== undefined) return lockError;
    }
  } catch {
    // Anything may stand between; the status itself says enough.
    return null;
  }
  return null;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

function credentialsOf(tls: TlsOptions | undefined) {
  if (tls === undefined) return grpcCredentials.createInsecure();
  const { ca, certificate, key } = tls;
  return grpcCredentials.createSsl(pem(ca), pem(key), pem(certificate));
}

function pem(text: string | Buffer | undefined): Buffer | null {
  if (text === undefined) return null;
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** The same memory: what was written for a frame is nobody else's. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

function ignore(): void {}
