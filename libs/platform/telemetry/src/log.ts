/** The log: one event per line, a constant name plus fields. Read next: fields.ts, text-line.ts. */
import { isatty } from 'node:tty';
import { pino } from 'pino';
import { type LogFields, type Plain, plainFields } from './fields.ts';
import { createLineOutput, type LineOutput } from './standard-output.ts';
import { textLine } from './text-line.ts';
import { currentTraceparent } from './trace-context.ts';

export const LogLevel = { Debug: 'debug', Info: 'info', Warn: 'warn', Error: 'error' } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];
export type LogFormat = 'json' | 'text';

/** @param msg what happened, constant and in snake_case; what differs goes into the fields */
type LogEvent = (msg: string, fields?: LogFields) => void;

export type Log = {
  readonly debug: LogEvent;
  readonly info: LogEvent;
  readonly warn: LogEvent;
  readonly error: LogEvent;
  /** A log whose every line also has these fields. */
  readonly child: (fields: LogFields) => Log;
  /** Writes out what is buffered, before it returns. Also done when the process exits. */
  readonly flush: () => void;
};

export type LogDestination = { readonly write: (line: string) => void };

export type LogOptions = {
  readonly app: string;
  readonly level: LogLevel;
  /** Null: text where standard output is a terminal, else JSON. */
  readonly format: LogFormat | null;
  /** Gets whole lines; standard output by default. */
  readonly destination?: LogDestination;
};

/** Lines are collected up to this size before they are written: a write per line costs too much. */
const batchBytes = 4_096;
/** A line waits no longer than this for others. */
const batchMs = 100;
/** A pipe whose reader is behind is waited for so long before lines are dropped. */
const fullWaitMs = 500;

/** Keys that the log writes itself; a field of that name gets a trailing underscore. */
const ownKeys: ReadonlySet<string> = new Set(['level', 'time', 'app', 'msg', 'trace_id']);

/**
 * Makes the log of an app. Lines are written in order, in batches of at most 100 ms; a line of
 * level error, `flush()` and the exit of the process write at once. On a terminal every line is
 * written at once.
 */
export function createLog(options: LogOptions): Log {
  const format = options.format ?? (isatty(1) ? 'text' : 'json');
  const output =
    options.destination === undefined
      ? standardOutput(format)
      : { write: options.destination.write, flush: () => undefined };
  const logger = pino(
    {
      level: options.level,
      base: { app: options.app },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    format === 'text' ? asText(output) : output,
  );
  return bind(logger, {}, output.flush);
}

function bind(logger: pino.Logger, bound: Readonly<Record<string, Plain>>, flush: () => void): Log {
  const event =
    (level: LogLevel): LogEvent =>
    (msg, fields) => {
      if (!logger.isLevelEnabled(level)) return;
      logger[level]({ ...bound, ...traceField(), ...ownFields(fields) }, msg);
      if (level === LogLevel.Error) flush();
    };
  return {
    debug: event(LogLevel.Debug),
    info: event(LogLevel.Info),
    warn: event(LogLevel.Warn),
    error: event(LogLevel.Error),
    child: (fields) => bind(logger, { ...bound, ...ownFields(fields) }, flush),
    flush,
  };
}

function ownFields(fields: LogFields | undefined): Record<string, Plain> {
  if (fields === undefined) return {};
  const plain = plainFields(fields);
  for (const key of Object.keys(plain)) {
    const value = plain[key];
    if (!ownKeys.has(key) || value === undefined) continue;
    plain[`${key}_`] = value;
    delete plain[key];
  }
  return plain;
}

function traceField(): { readonly trace_id?: string } {
  const traceparent = currentTraceparent();
  return traceparent === null ? {} : { trace_id: traceparent.slice(3, 35) };
}

function standardOutput(format: LogFormat): LineOutput {
  const output = createLineOutput({
    batchBytes: format === 'text' ? 0 : batchBytes,
    batchMs,
    fullWaitMs,
  });
  process.once('exit', output.flush);
  return output;
}

function asText(destination: LogDestination): LogDestination {
  return {
    write: (line) => {
      const entry: Record<string, Plain> = JSON.parse(line);
      destination.write(textLine(entry));
    },
  };
}
