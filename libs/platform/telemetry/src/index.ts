/** What a process tells about itself: log, metrics, traces. Read next: log.ts, tracing.ts. */
export type { LogFields } from './fields.ts';
export {
  createLog,
  type Log,
  type LogDestination,
  type LogFormat,
  LogLevel,
  type LogOptions,
} from './log.ts';
export { type BuildInfo, createMetrics, type Metrics } from './metrics.ts';
export { currentTraceparent, runWithTraceparent, validTraceparent } from './trace-context.ts';
export {
  type Span,
  type SpanAttributes,
  type SpanRole,
  startSpan,
  startTracing,
  type TracingOptions,
  withSpan,
} from './tracing.ts';
