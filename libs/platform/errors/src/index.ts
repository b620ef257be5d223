/** One registry of errors and the ways out of it. Read next: registry.ts, windlass-error.ts. */
export { errorsDocument } from './document.ts';
export { ExitCode } from './exit-codes.ts';
export { GrpcStatus } from './grpc.ts';
export { isPassing } from './passing.ts';
export {
  codeOf,
  exitCodeOf,
  grpcStatusOf,
  type ProblemDocument,
  problemMediaType,
  toProblem,
} from './problem.ts';
export { type ErrorCode, type ErrorEntry, errorEntry, errorRegistry } from './registry.ts';
export { type FieldProblem, WindlassError, type WindlassErrorOptions } from './windlass-error.ts';
