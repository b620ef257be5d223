/** How an error leaves the process: as an RFC 9457 problem document, a gRPC status, an exit code. */
import { ExitCode } from './exit-codes.ts';
import { GrpcStatus } from './grpc.ts';
import { type ErrorCode, errorEntry } from './registry.ts';
import { type FieldProblem, WindlassError } from './windlass-error.ts';

export const problemMediaType = 'application/problem+json';

const problemTypeBase = 'https://windlass.dev/problems/';

/** RFC 9457, section 3. `code`, `errors` and what `extra` adds are extension members. */
export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request that failed: its path, without the query. */
  readonly instance: string;
  readonly code: ErrorCode;
  readonly errors: readonly FieldProblem[];
};

/**
 * The problem document of any error. What is no WindlassError becomes `internal`, and of an
 * internal error nothing is told: its message may hold anything.
 *
 * @param instance the path of the request, without its query (which may hold secrets)
 */
export function toProblem(
  error: unknown,
  instance: string,
): ProblemDocument & Readonly<Record<string, unknown>> {
  const known = error instanceof WindlassError && error.code !== 'internal' ? error : null;
  const code = known?.code ?? 'internal';
  const { title, status } = errorEntry(code);
  return {
    ...known?.extra,
    type: `${problemTypeBase}${code}`,
    title,
    status,
    detail: known?.detail ?? 'Something went wrong on our side; it has been logged.',
    instance,
    code,
    errors: known?.fields ?? [],
  };
}

/** gRPC status of any error: of its code, or INTERNAL. */
export function grpcStatusOf(error: unknown): GrpcStatus {
  return GrpcStatus[errorEntry(codeOf(error)).grpcStatus];
}

/** Exit code for a command that ends with this error: 1 to 4, see ExitCode. */
export function exitCodeOf(error: unknown): ExitCode {
  return ExitCode[errorEntry(codeOf(error)).exitCode];
}

/** Code of any error: its own, or `internal`. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof WindlassError ? error.code : 'internal';
}
