/**
 * The one table of errors: every boundary (HTTP, gRPC, exit codes) reads its answer here, and
 * docs/errors.md is generated from it. Read next: windlass-error.ts, problem.ts.
 *
 * A code is part of the public interface: it may be added, never renamed or given another status.
 */
import type { ExitCode } from './exit-codes.ts';
import type { GrpcStatus } from './grpc.ts';

export type ErrorEntry = {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Short and constant; says what kind of error it is, not what happened this time. */
  readonly title: string;
  readonly grpcStatus: keyof typeof GrpcStatus;
  readonly exitCode: keyof typeof ExitCode;
  /** True when the same call may succeed later with nothing changed by the caller. */
  readonly passing: boolean;
  /** When it occurs and what the caller can do. One paragraph of Markdown. */
  readonly description: string;
};

export const errorRegistry = {
  'validation-failed': {
    status: 400,
    title: 'The request is not valid',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description:
      'Fields, parameters or headers break their rules. `errors` names every one of them, with the limit where there is one.',
  },
  'malformed-body': {
    status: 400,
    title: 'The body could not be read',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description:
      'The body is not what it claims to be: JSON that does not parse, bytes that are not UTF-8, a length that does not match.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request could not be read',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description:
      'It is not well-formed HTTP/1.1: the request line, a header, the encoding of the address or the framing of the body.',
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description:
      'The cursor was not made by this list, or was changed. Start again without a cursor.',
  },
  'cursor-filter-mismatch': {
    status: 400,
    title: 'The filters changed under the cursor',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description:
      'A cursor continues one list with the filters it was started with. Send the same filters, or start again without a cursor.',
  },
  unauthenticated: {
    status: 401,
    title: 'No user, or not a known one',
    grpcStatus: 'UNAUTHENTICATED',
    exitCode: 'Refused',
    passing: false,
    description: 'The request names no user, or its token is missing, expired or not valid.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    grpcStatus: 'PERMISSION_DENIED',
    exitCode: 'Refused',
    passing: false,
    description: 'The user is known and may not do this.',
  },
  'quota-exceeded': {
    status: 403,
    title: 'Over the quota',
    grpcStatus: 'RESOURCE_EXHAUSTED',
    exitCode: 'Refused',
    passing: false,
    description:
      'The request is well formed, and would take the user over a quota. 403, as Kubernetes answers for its own quotas: no change to the body makes a full quota larger. `errors` names the quota and its limit.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    grpcStatus: 'NOT_FOUND',
    exitCode: 'Refused',
    passing: false,
    description:
      'Nothing is there, or it belongs to somebody else: the two can not be told apart from outside.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    grpcStatus: 'UNIMPLEMENTED',
    exitCode: 'Usage',
    passing: false,
    description: 'The path exists, and does not take this method. `Allow` lists those it takes.',
  },
  'not-acceptable': {
    status: 406,
    title: 'No acceptable form',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description: 'None of the media types in `Accept` can be produced.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    grpcStatus: 'DEADLINE_EXCEEDED',
    exitCode: 'TryAgain',
    passing: true,
    description: 'The client did not send its whole request in time. Nothing was done.',
  },
  conflict: {
    status: 409,
    title: 'In conflict with the present state',
    grpcStatus: 'FAILED_PRECONDITION',
    exitCode: 'Refused',
    passing: false,
    description: 'The operation does not fit the state that the resource is in.',
  },
  'identifier-taken': {
    status: 409,
    title: 'The identifier is taken',
    grpcStatus: 'ALREADY_EXISTS',
    exitCode: 'Refused',
    passing: false,
    description: 'Identifiers are unique among all users. It is not said whose it is.',
  },
  'deletion-in-progress': {
    status: 409,
    title: 'It is being deleted',
    grpcStatus: 'FAILED_PRECONDITION',
    exitCode: 'Refused',
    passing: false,
    description: 'A deletion was asked for; nothing else is accepted until it has ended.',
  },
  'queue-full': {
    status: 409,
    title: 'Too many changes are waiting',
    grpcStatus: 'RESOURCE_EXHAUSTED',
    exitCode: 'TryAgain',
    passing: true,
    description:
      'The deployment has as many open changes as may queue. 409 and not 429: the state of this one resource is in the way, not how often the user calls. `Retry-After` says when to try again.',
  },
  'version-mismatch': {
    status: 412,
    title: 'It changed in the meantime',
    grpcStatus: 'ABORTED',
    exitCode: 'Refused',
    passing: false,
    description:
      '`If-Match` names another version than the present one. Read it again, then decide.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description: 'The body is longer than the limit that `errors` names, in bytes.',
  },
  'uri-too-long': {
    status: 414,
    title: 'The address is too long',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description: 'Path and query together, or one path parameter, are longer than the limit.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type is not supported',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description: 'Bodies are `application/json`, in UTF-8, without a content encoding.',
  },
  'expectation-failed': {
    status: 417,
    title: 'The expectation can not be met',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description: '`Expect` asks for something other than `100-continue`.',
  },
  'idempotency-payload-mismatch': {
    status: 422,
    title: 'The same id came with another payload',
    grpcStatus: 'FAILED_PRECONDITION',
    exitCode: 'Usage',
    passing: false,
    description:
      'This `X-Request-ID` (or `Idempotency-Key`) was used before with another payload. Use a new id for a new intent.',
  },
  'policy-violation': {
    status: 422,
    title: 'Against the policy',
    grpcStatus: 'FAILED_PRECONDITION',
    exitCode: 'Refused',
    passing: false,
    description:
      'Well formed, and refused by a safety policy (Pod Security Standard, image or namespace list). `errors` names each field and rule.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    grpcStatus: 'RESOURCE_EXHAUSTED',
    exitCode: 'TryAgain',
    passing: true,
    description: 'The user, or the address, calls too often. `Retry-After` says when to come back.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    grpcStatus: 'INVALID_ARGUMENT',
    exitCode: 'Usage',
    passing: false,
    description: 'All headers together, with the request line, are longer than the limit.',
  },
  internal: {
    status: 500,
    title: 'An error of ours',
    grpcStatus: 'INTERNAL',
    exitCode: 'Failure',
    passing: false,
    description: 'A bug. It was logged with its cause; the answer says nothing about it.',
  },
  unavailable: {
    status: 503,
    title: 'Not available now',
    grpcStatus: 'UNAVAILABLE',
    exitCode: 'TryAgain',
    passing: true,
    description:
      'Something the answer depends on can not be reached, or the process is full or ending. `Retry-After` says when to try again.',
  },
  deadline: {
    status: 504,
    title: 'It took too long',
    grpcStatus: 'DEADLINE_EXCEEDED',
    exitCode: 'TryAgain',
    passing: true,
    description:
      'Something the answer depends on did not answer in time. Whether it was done is not known: repeat with the same request id.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorRegistry;

/** The entry of a code, with the general type. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return errorRegistry[code];
}
