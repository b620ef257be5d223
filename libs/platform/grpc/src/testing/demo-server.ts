/** A server with every shape of method, its clients, and what its handlers saw. */
import { create } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { status as codes } from '@grpc/grpc-js';
import { WindlassError } from '@windlass/errors';
import { RaftService } from '@windlass/proto/lock/internal/v1/raft';
import { LockCode, LockErrorSchema, LockService } from '@windlass/proto/lock/v1';
import { createLog, createMetrics, currentTraceparent, type Metrics } from '@windlass/telemetry';
import { GrpcError } from '../grpc-error.ts';
import { type ServedService, serve, type UnaryContext } from '../handlers.ts';
import { bearerToken, type PeerIdentity } from '../peer.ts';
import { type GrpcServerOptions, type RunningGrpcServer, startGrpcServer } from '../server.ts';

export type Seen = {
  readonly traces: (string | null)[];
  readonly peers: PeerIdentity[];
  readonly tokens: (string | null)[];
  /** What was cancelled, by name. */
  readonly cancelled: string[];
};

export type DemoServer = {
  readonly server: RunningGrpcServer;
  readonly address: string;
  readonly metrics: Metrics;
  readonly seen: Seen;
  /** Lets calls of 'slow' finish. */
  readonly finishSlow: () => void;
  readonly entries: readonly Record<string, unknown>[];
};

export async function startDemoServer(
  options: Partial<GrpcServerOptions> = {},
): Promise<DemoServer> {
  const entries: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => entries.push(JSON.parse(line)) };
  const log = createLog({ app: 'demo', level: 'debug', format: 'json', destination });
  const metrics = createMetrics('demo');
  const seen: Seen = { traces: [], peers: [], tokens: [], cancelled: [] };
  const slow = Promise.withResolvers<void>();
  const server = await startGrpcServer({
    address: '127.0.0.1',
    port: 0,
    services: [lockService(seen, slow.promise), raftService(seen)],
    log,
    metrics,
    tls: null,
    ...options,
  });
  const address = `127.0.0.1:${server.port}`;
  return { server, address, metrics, seen, finishSlow: slow.resolve, entries };
}

/** A server whose Probe takes and gives bytes. */
export function startRawServer(probe: (bytes: Buffer) => Uint8Array): Promise<DemoServer> {
  const handlers = {
    exchange: notHere,
    installSnapshot: notHere,
    probe,
    form: notHere,
    join: notHere,
  };
  return startDemoServer({ services: [serve(RaftService, handlers, { raw: ['probe'] })] });
}

const notHere = () => {
  throw new GrpcError(codes.UNIMPLEMENTED, 'not here');
};

function lockService(seen: Seen, slow: Promise<void>): ServedService {
  return serve(LockService, {
    session: (stream) => {
      stream.once('cancelled', () => seen.cancelled.push('session'));
      stream.on('data', (request: { readonly frame: bigint }) => {
        stream.write({ renewedFrame: request.frame });
      });
      stream.on('end', () => stream.end());
    },
    validate: ({ key }, context) => validate(key, context, seen, slow),
    watch: async (stream) => {
      stream.once('cancelled', () => seen.cancelled.push('watch'));
      if (stream.request.prefix === 'bug') throw new TypeError('hunter2');
      stream.write({ index: 1n });
    },
    openSession: notHere,
    renewSession: notHere,
    closeSession: notHere,
    acquire: notHere,
    tryAcquire: notHere,
    release: notHere,
    get: notHere,
    list: notHere,
    forceRelease: notHere,
    campaign: notHere,
    proclaim: notHere,
    observe: notHere,
    resign: notHere,
  });
}

async function validate(key: string, context: UnaryContext, seen: Seen, slow: Promise<void>) {
  seen.traces.push(currentTraceparent());
  seen.peers.push(context.peer());
  seen.tokens.push(bearerToken(context.metadata));
  switch (key) {
    case 'bug':
      throw new TypeError('hunter2 is undefined');
    case 'away':
      throw Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' });
    case 'conflict': {
      const fields = [{ field: 'key', message: 'must be free' }];
      throw new WindlassError('conflict', 'It is busy.', { fields });
    }
    case 'detail': {
      const detail = create(LockErrorSchema, { code: LockCode.NOT_HELD, message: 'lost' });
      throw new GrpcError(codes.ABORTED, 'not held', {
        details: [anyPack(LockErrorSchema, detail)],
      });
    }
    case 'slow':
      await slow;
      return { valid: true };
    case 'endless': {
      const { promise, reject } = Promise.withResolvers<never>();
      context.signal.addEventListener('abort', () => {
        seen.cancelled.push(`endless with ${Math.sign(context.remainingMs() ?? 0)}`);
        reject(new GrpcError(codes.CANCELLED, 'gone'));
      });
      return promise;
    }
    default:
      return { valid: key.length > 0 };
  }
}

function raftService(seen: Seen): ServedService {
  return serve(RaftService, {
    exchange: (stream) => {
      const { promise, resolve } = Promise.withResolvers<Record<string, never>>();
      stream.once('cancelled', () => seen.cancelled.push('exchange'));
      stream.on('end', () => resolve({}));
      stream.resume();
      return promise;
    },
    installSnapshot: notHere,
    probe: notHere,
    form: notHere,
    join: notHere,
  });
}
