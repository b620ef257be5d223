/** Everything that a handler, a plugin, Fastify or Node throws, as an error of the registry. */
import { type ErrorCode, isPassing, WindlassError } from '@windlass/errors';
import type { FastifyError, FastifyRequest } from 'fastify';
import type { HttpLimits } from './limits.ts';
import { invalidParts, invalidRequest } from './request-problems.ts';

/** Retry-After where the error itself names no time. */
export const retryAfterMsDefault = 1_000;

type Known = { readonly code: ErrorCode; readonly detail: string };

/** Fastify's and its plugins' errors about what the client sent. */
const frameworkErrors: Readonly<Record<string, Known>> = {
  FST_ERR_BAD_URL: { code: 'malformed-request', detail: 'The path is not validly encoded.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'malformed-body',
    detail: 'The body does not have the length that Content-Length names.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    detail: 'Bodies must be application/json.',
  },
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: {
    code: 'unsupported-media-type',
    detail: 'Bodies must be application/json.',
  },
  FST_ERR_NOT_FOUND: { code: 'not-found', detail: 'Nothing is there.' },
};

/** What a status of 4xx means when nothing else is known about an error. */
const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  408: 'request-timeout',
  409: 'conflict',
  412: 'version-mismatch',
  413: 'body-too-large',
  414: 'uri-too-long',
  415: 'unsupported-media-type',
  417: 'expectation-failed',
  429: 'rate-limited',
  431: 'headers-too-large',
};

/** The error to answer with; `internal`, with the cause, for what nobody foresaw. */
export function knownError(
  error: unknown,
  request: FastifyRequest | null,
  limits: HttpLimits,
): WindlassError {
  if (error instanceof WindlassError) return error;
  if (isFastifyError(error)) {
    if (error.validation !== undefined && request !== null) {
      return invalidRequest(invalidParts(request, limits), limits);
    }
    const limited = limitError(error, limits);
    if (limited !== null) return limited;
    const known = frameworkErrors[error.code];
    if (known !== undefined) return new WindlassError(known.code, known.detail, { cause: error });
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) {
      const code = codeOfStatus[status] ?? 'malformed-request';
      return new WindlassError(code, 'The request was refused.', { cause: error });
    }
  }
  if (isPassing(error)) {
    return new WindlassError('unavailable', 'Something that is needed can not be reached now.', {
      cause: error,
      retryAfterMs: retryAfterMsDefault,
    });
  }
  return new WindlassError('internal', 'an error that nobody foresaw', { cause: error });
}

function limitError(error: FastifyError, limits: HttpLimits): WindlassError | null {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = limits.bodyBytesMax;
    return new WindlassError('body-too-large', `The body is longer than ${limit} bytes.`, {
      fields: [{ field: 'body', message: `must have at most ${limit} bytes`, limit }],
    });
  }
  if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') {
    const limit = limits.paramLengthMax;
    return new WindlassError('uri-too-long', `A part of the path is longer than ${limit}.`, {
      fields: [{ field: 'path', message: `must have parts of at most ${limit} characters`, limit }],
    });
  }
  return null;
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && ('statusCode' in error || 'validation' in error);
}
