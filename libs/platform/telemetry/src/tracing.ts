/**
 * Spans, exported over OTLP/HTTP where an endpoint is set, and free of cost where not. Context is
 * kept in trace-context.ts alone, so OpenTelemetry's own context manager isn't needed.
 */
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { assert } from '@windlass/base';
import { safeText } from './fields.ts';
import { currentTraceparent, runWithTraceparent, validTraceparent } from './trace-context.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Which side of a call a span stands for, in OpenTelemetry's terms. */
export type SpanRole = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A span under way. Without tracing it does nothing. */
export type Span = {
  /** The span's own context, for messages; what came in where nothing is traced. */
  readonly traceparent: string | null;
  readonly setAttribute: (name: string, value: string | number | boolean) => void;
  /** Runs under this span: spans and messages begun in there are its children. */
  readonly run: <Value>(fn: () => Value) => Value;
  /** Ends it, once; with an error it is marked as failed. */
  readonly end: (error?: unknown) => void;
};

/** Spans waiting for export; more are dropped, so that a slow collector costs memory once. */
const queuedSpansMax = 2_048;
/** Spans per export: OTLP's collectors take 4 MiB, a span of ours is about 1 KiB. */
const batchSpansMax = 512;
/** An export, and the last flush at the stop, may take this long. */
const exportTimeoutMs = 5_000;

const kinds: Readonly<Record<SpanRole, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

let activeTracer: Tracer | null = null;

export type TracingOptions = {
  readonly app: string;
  /** Base address of the collector, such as `http://collector:4318`; null = no export. */
  readonly otlpEndpoint: string | null;
};

/**
 * Turns tracing on for the process, or leaves it off where there is no endpoint. One at a time.
 * `stop` exports what is waiting, within 5 s.
 */
export function startTracing(options: TracingOptions): { readonly stop: () => Promise<void> } {
  if (options.otlpEndpoint === null) return { stop: async () => undefined };
  assert(activeTracer === null, 'tracing is started twice in one process');
  const exporter = new OTLPTraceExporter({
    url: `${options.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.app }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        maxQueueSize: queuedSpansMax,
        maxExportBatchSize: batchSpansMax,
        exportTimeoutMillis: exportTimeoutMs,
      }),
    ],
  });
  activeTracer = provider.getTracer('windlass');
  return {
    stop: async () => {
      activeTracer = null;
      await provider.shutdown();
    },
  };
}

/**
 * Begins a span under what runs now, or under a traceparent from outside. The caller ends it; use
 * withSpan where a function's run is the span.
 *
 * @param traceparent of a message or request that came in; by default that of what runs now
 */
export function startSpan(
  name: string,
  attributes: SpanAttributes,
  role: SpanRole = 'internal',
  traceparent: string | null = currentTraceparent(),
): Span {
  const parent = validTraceparent(traceparent);
  if (activeTracer === null) return parent === null ? untraced : untracedUnder(parent);
  const span = activeTracer.startSpan(name, { kind: kinds[role], attributes }, contextOf(parent));
  const own = traceparentOf(span);
  return {
    traceparent: own,
    setAttribute: (key, value) => span.setAttribute(key, value),
    run: (fn) => runWithTraceparent(own, fn),
    end: (error) => endSpan(span, error),
  };
}

/**
 * Runs the function as a span; its promise is awaited, its error marks the span and is thrown on.
 * Without tracing the function is just called.
 */
export function withSpan<Value>(
  name: string,
  attributes: SpanAttributes,
  fn: (span: Span) => Value,
  role: SpanRole = 'internal',
): Value {
  if (activeTracer === null) return fn(untraced);
  const span = startSpan(name, attributes, role);
  return span.run(() => {
    let value: Value;
    try {
      value = fn(span);
    } catch (error) {
      span.end(error);
      throw error;
    }
    if (value instanceof Promise) {
      value.then(
        () => span.end(),
        (error: unknown) => span.end(error),
      );
    } else {
      span.end();
    }
    return value;
  });
}

const untraced: Span = {
  get traceparent() {
    return currentTraceparent();
  },
  setAttribute: () => undefined,
  run: (fn) => fn(),
  end: () => undefined,
};

function untracedUnder(traceparent: string): Span {
  return { ...untraced, traceparent, run: (fn) => runWithTraceparent(traceparent, fn) };
}

function contextOf(traceparent: string | null): Context {
  if (traceparent === null) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53), 16) & TraceFlags.SAMPLED,
    isRemote: true,
  });
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function endSpan(span: OtelSpan, error: unknown): void {
  if (error !== undefined) {
    const message = error instanceof Error ? `${error.name}: ${safeText(error.message)}` : '';
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }
  span.end();
}
