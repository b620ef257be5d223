/** Which errors are worth another try. */
import { errorEntry } from './registry.ts';
import { WindlassError } from './windlass-error.ts';

/** Codes that Node and undici give to connections that failed for reasons outside the program. */
const passingSystemCodes: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Causes are followed this deep; deeper chains only come from loops. */
const causeDepthMax = 8;

/**
 * True for errors that time may heal: of the network, timeouts, and the registry's passing codes.
 * A WindlassError is judged by its own code, whatever caused it; any other error by itself, then
 * by its causes.
 */
export function isPassing(error: unknown): boolean {
  return isPassingAt(error, 0);
}

function isPassingAt(error: unknown, depth: number): boolean {
  if (depth >= causeDepthMax || !(error instanceof Error)) return false;
  if (error instanceof WindlassError) return errorEntry(error.code).passing;
  if (error.name === 'TimeoutError') return true;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && passingSystemCodes.has(code)) return true;
  if (error instanceof AggregateError) {
    const errors: readonly unknown[] = error.errors;
    return errors.length > 0 && errors.every((inner) => isPassingAt(inner, depth + 1));
  }
  return isPassingAt(error.cause, depth + 1);
}
