/** Every bound of a gRPC server and client, with its reason. */
import type { ChannelOptions } from '@grpc/grpc-js';

export type GrpcLimits = {
  /** One message, either way. gRPC's own default; larger ones hold up everybody's event loop. */
  readonly messageBytesMax: number;
  /** Calls under way on one connection. Each costs a few KiB; an honest client has tens. */
  readonly concurrentStreamsMax: number;
  /** A silent connection is asked for a sign of life. Below the 60 s of common load balancers. */
  readonly keepaliveIntervalMs: number;
  /** Without an answer for so long the connection is taken for dead, and its calls cancelled. */
  readonly keepaliveTimeoutMs: number;
};

export const defaultGrpcLimits: GrpcLimits = {
  messageBytesMax: 4 * 1024 * 1024,
  concurrentStreamsMax: 1_000,
  keepaliveIntervalMs: 20_000,
  keepaliveTimeoutMs: 10_000,
};

/** Reconnecting is tried at least so often: a server that is back is found within a second. */
const reconnectMs = { initial: 100, max: 1_000 };

export function serverOptions(limits: GrpcLimits): ChannelOptions {
  return { ...commonOptions(limits), 'grpc.max_concurrent_streams': limits.concurrentStreamsMax };
}

/** For every client of ours, also one that is made without grpcClient. */
export function channelOptions(limits: GrpcLimits = defaultGrpcLimits): ChannelOptions {
  return {
    ...commonOptions(limits),
    'grpc.initial_reconnect_backoff_ms': reconnectMs.initial,
    'grpc.max_reconnect_backoff_ms': reconnectMs.max,
    // An outcome may be unknown: whoever calls decides whether a call may be made twice.
    'grpc.enable_retries': 0,
  };
}

function commonOptions(limits: GrpcLimits): ChannelOptions {
  return {
    'grpc.max_receive_message_length': limits.messageBytesMax,
    'grpc.max_send_message_length': limits.messageBytesMax,
    'grpc.keepalive_time_ms': limits.keepaliveIntervalMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    'grpc.enable_channelz': 0,
  };
}
