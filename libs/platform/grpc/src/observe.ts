/**
 * What every call leaves behind at the server: a duration, a log line at debug, a span; and the
 * refusal of messages that can't be read. Handlers run under the caller's trace.
 */
import {
  status as codes,
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import type { Log, Metrics } from '@windlass/telemetry';
import { startSpan } from '@windlass/telemetry';
import { isOurFault } from './grpc-error.ts';
import { MalformedMessage } from './service-definition.ts';

/** Begins the observation of a call; the function that it returns ends it, once. */
type Observe = (path: string, traceparent: string | null) => ObservedCall;
type ObservedCall = {
  readonly run: (next: () => void) => void;
  readonly end: (code: number) => void;
};

/**
 * @param rawStreams paths that are left alone: an interceptor costs each of their messages as much
 *   as its handler does. Whoever serves them has metrics of its own.
 */
export function observeCalls(
  log: Log,
  metrics: Metrics,
  rawStreams: ReadonlySet<string>,
): ServerInterceptor {
  const observe = observer(log, metrics);
  const malformed = metrics.counter(
    'grpc_malformed_messages_total',
    'Messages that could not be read, each of which ended its call.',
    ['method'],
  );
  return ({ path }, call) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- grpc-js asks for no more
    if (rawStreams.has(path)) return call as ServerInterceptingCall;
    let observed: ObservedCall | null = null;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        observed = observe(path, traceOf(metadata));
        observed.run(() => next(metadata));
      })
      .withOnReceiveMessage((message: unknown, next) => {
        if (!(message instanceof MalformedMessage)) {
          next(message);
          return;
        }
        malformed.inc({ method: path });
        observed?.end(codes.INVALID_ARGUMENT);
        const details = `the message can not be read: ${message.reason}`;
        call.sendStatus({ code: codes.INVALID_ARGUMENT, details });
      })
      .withOnReceiveHalfClose((next) => observed?.run(next))
      // Comes after every end; one before a status is the client's.
      .withOnCancel(() => observed?.end(codes.CANCELLED))
      .build();
    const responder = new ResponderBuilder()
      .withStart((next) => next(listener))
      .withSendStatus((status, next) => {
        observed?.end(status.code);
        next(status);
      })
      .build();
    return new ServerInterceptingCall(call, responder);
  };
}

function observer(log: Log, metrics: Metrics): Observe {
  const duration = metrics.histogram(
    'grpc_request_duration_seconds',
    'From the arrival of the metadata to the status; a stream lasts as long as it is open.',
    ['method', 'code'],
  );
  const inFlight = metrics.gauge('grpc_requests_in_flight', 'Calls that are being answered.');
  return (path, traceparent) => {
    const startedMs = performance.now();
    const span = startSpan(path.slice(1), { 'rpc.system': 'grpc' }, 'server', traceparent);
    let isOver = false;
    inFlight.inc();
    return {
      run: (next) => span.run(next),
      end: (code) => {
        if (isOver) return;
        isOver = true;
        inFlight.dec();
        const durationMs = performance.now() - startedMs;
        const name = codeName(code);
        duration.observe({ method: path, code: name }, durationMs / 1000);
        span.setAttribute('rpc.grpc.status_code', code);
        span.end(isOurFault({ code }) ? new Error(name) : undefined);
        log.debug('grpc_request', { method: path, code: name, duration_ms: durationMs });
      },
    };
  };
}

/** UNAVAILABLE, as grpc-js writes it. */
export function codeName(code: number): string {
  return codes[code] ?? `CODE_${code}`;
}

function traceOf(metadata: Metadata): string | null {
  const [value] = metadata.get('traceparent');
  return typeof value === 'string' ? value : null;
}
