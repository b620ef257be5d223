/**
 * The one error of this adapter: what Kubernetes answered, or why there was no answer. What to do
 * about one is decided in error-table.ts.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { errorCausesMax, errorMessageCharactersMax } from './limits.ts';

/** Reasons of our own, beside Kubernetes' (NotFound, Conflict, …): there was no usable answer. */
export const NoAnswer = {
  /** The connection was refused, cut, or never came about. */
  ConnectionFailed: 'ConnectionFailed',
  /** Nothing (or not everything) came within the call's deadline. */
  DeadlineExceeded: 'DeadlineExceeded',
  /** The caller's signal ended the call. */
  Aborted: 'Aborted',
  /** The answer isn't what Kubernetes sends: cut JSON, or a proxy's page. */
  MalformedAnswer: 'MalformedAnswer',
  /** A list shows an older state than one that was seen before. */
  StaleAnswer: 'StaleAnswer',
  /** The answer is longer than the bound. */
  AnswerTooLarge: 'AnswerTooLarge',
  /** No credentials: a file, plugin or token endpoint failed. */
  CredentialsFailed: 'CredentialsFailed',
} as const;
export type NoAnswer = (typeof NoAnswer)[keyof typeof NoAnswer];

export type KubeErrorCause = {
  /** Path in the object, such as spec.template.spec.containers[0].image; empty where unknown. */
  readonly field: string;
  /** Such as FieldValueInvalid or FieldManagerConflict. */
  readonly reason: string;
  readonly message: string;
};

export type KubeErrorInput = {
  /** What was tried, such as `apply deployments default/web`. */
  readonly operation: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Kubernetes' reason, one of NoAnswer, or empty where the answer gave none. */
  readonly reason: string;
  readonly message: string;
  readonly causes?: readonly KubeErrorCause[];
  /** What the answer is about; null where it doesn't say. */
  readonly about?: 'object' | 'other' | null;
  readonly retryAfterMs?: number | null;
  /** Code of the socket's or TLS' error, such as ECONNRESET. */
  readonly code?: string | null;
};

export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly operation: string;
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly KubeErrorCause[];
  /**
   * Whether Kubernetes speaks of the kind of object that was asked for, or of another one: a missing
   * namespace is not a missing object. Null where it names none.
   */
  readonly about: 'object' | 'other' | null;
  readonly retryAfterMs: number | null;
  readonly code: string | null;

  constructor(input: KubeErrorInput, options?: ErrorOptions) {
    super(shorten(input.message), options);
    this.operation = input.operation;
    this.status = input.status;
    this.reason = input.reason;
    this.causes = (input.causes ?? []).slice(0, errorCausesMax);
    this.about = input.about ?? null;
    this.retryAfterMs = input.retryAfterMs ?? null;
    this.code = input.code ?? null;
  }
}

/** What a call is about, for its errors, span and metrics. */
export type CallSubject = {
  /** get, list, create, … */
  readonly verb: string;
  /** Plural of the resource; `version` for the call that has none. */
  readonly resource: string;
  /** Kind of its objects; empty where there is none. */
  readonly kind: string;
  /** `namespace/name`, or empty. */
  readonly target: string;
};

export function describeCall(subject: CallSubject): string {
  return `${subject.verb} ${subject.resource} ${subject.target}`.trim();
}

/** The error for an answer that isn't a success. */
export function errorFromAnswer(
  subject: CallSubject,
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): KubeError {
  return errorFromStatus(subject, status, parseStatus(body), {
    retryAfterMs: retryAfterMs(headers['retry-after']),
    text: body,
  });
}

/** The error for a Status object of Kubernetes, as the body of an answer or inside a watch. */
export function errorFromStatus(
  subject: CallSubject,
  httpStatus: number,
  status: KubeStatus | null,
  fallback: { readonly retryAfterMs: number | null; readonly text: string },
): KubeError {
  const details = status?.details;
  const retryAfterSeconds = details?.retryAfterSeconds;
  const text = fallback.text.trim();
  return new KubeError({
    operation: describeCall(subject),
    status: status?.code ?? httpStatus,
    reason: status?.reason ?? '',
    message: status?.message ?? (text === '' ? `HTTP status ${httpStatus}` : text),
    causes: (details?.causes ?? []).map((cause) => ({
      field: cause.field ?? '',
      reason: cause.reason ?? '',
      message: cause.message ?? '',
    })),
    about: aboutOf(subject, details),
    retryAfterMs:
      fallback.retryAfterMs ??
      (typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1_000 : null),
  });
}

/** The error where there was no usable answer. */
export function errorWithoutAnswer(
  subject: CallSubject,
  reason: NoAnswer,
  message: string,
  cause?: unknown,
): KubeError {
  return new KubeError(
    {
      operation: describeCall(subject),
      status: 0,
      reason,
      message: `${describeCall(subject)}: ${message}`,
      code: codeOf(cause),
    },
    cause === undefined ? undefined : { cause },
  );
}

/** Kubernetes' answer to what failed (meta/v1 Status). */
export type KubeStatus = {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly {
      readonly field?: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
};

/** Kubernetes names the resource in some answers and the kind in others, in the same field. */
function aboutOf(subject: CallSubject, details: KubeStatus['details']): 'object' | 'other' | null {
  if (details?.name === undefined || details.kind === undefined) return null;
  const names = [subject.resource, subject.kind];
  return names.includes(details.kind) ? 'object' : 'other';
}

/** Null where the text is no Status: a proxy's page, or cut off. */
function parseStatus(body: string): KubeStatus | null {
  if (!body.startsWith('{')) return null;
  try {
    const parsed: KubeStatus & { readonly kind?: string } = JSON.parse(body);
    return parsed.kind === 'Status' ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Retry-After in whole seconds; Kubernetes never sends the form with a date. */
function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined || !/^\d{1,6}$/.test(header)) return null;
  return Number(header) * 1_000;
}

function codeOf(cause: unknown): string | null {
  if (!(cause instanceof Error) || !('code' in cause)) return null;
  return typeof cause.code === 'string' ? cause.code : null;
}

function shorten(message: string): string {
  if (message.length <= errorMessageCharactersMax) return message;
  return `${message.slice(0, errorMessageCharactersMax - 1)}…`;
}
