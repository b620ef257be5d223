/**
 * Which errors of PostgreSQL, `pg` and Prisma are passing: sorted in this one place. Passing ones
 * become `unavailable` with the first error as cause, all others go through as they are.
 */
import { isPassing, WindlassError } from '@windlass/errors';

/** SQLSTATEs (PostgreSQL, appendix A) of what time heals; two letters stand for a whole class. */
const passingStates: ReadonlySet<string> = new Set([
  '08', // connection exceptions
  '53', // no disk, no memory, no connection left
  '57014', // statement_timeout
  '57P01', // the server shuts down
  '57P02', // it crashed
  '57P03', // it starts
  '57P05', // idle_session_timeout
  '25006', // a standby: the failover isn't over
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock_timeout
  '58030', // the server's disk
]);

/** What `pg` and its pool say without any code. */
const passingMessages: readonly RegExp[] = [
  /^timeout exceeded when trying to connect$/,
  /^timeout expired$/,
  /^Query read timeout$/,
  /^Connection terminated/,
  /^Client has encountered a connection error and is not queryable$/,
  /^Client was closed and is not queryable$/,
  // The process is stopping.
  /^Cannot use a pool after calling end on the pool$/,
];

/** Prisma's codes: not reachable, timed out, closed, pool timeout, transaction not to be had. */
const passingPrismaCodes: ReadonlySet<string> = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
]);

/** Text that PostgreSQL can't store: an invalid encoding, a NUL, an unpaired surrogate. */
const unstorableStates: ReadonlySet<string> = new Set(['22021', '22P05']);

/** The SQLSTATE of an error of `pg`, or of one that Prisma wrapped; null where there is none. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const wrapped = driverError(error);
  if (wrapped?.originalCode !== undefined) return wrapped.originalCode;
  const code: unknown = 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^P\d{4}$/.test(code)
    ? code
    : null;
}

/** The name of the constraint that was broken, or null. */
export function constraintOf(error: unknown): string | null {
  const name: unknown =
    error instanceof Error && 'constraint' in error ? error.constraint : undefined;
  return typeof name === 'string' ? name : null;
}

/** What to throw for an error: `unavailable` with the cause for passing ones, else the error. */
export function passingError(error: unknown): unknown {
  if (error instanceof WindlassError || !(error instanceof Error)) return error;
  const state = sqlStateOf(error);
  if (state !== null && unstorableStates.has(state)) return unstorableText(error);
  if (!isPassingError(error, state)) return error;
  return new WindlassError('unavailable', 'the database can not be reached or is busy', {
    cause: error,
    retryAfterMs: retryAfterMs,
  });
}

/** A restart of PostgreSQL takes about this long. */
const retryAfterMs = 1_000;

/** A caller's text that no column can hold. */
export function unstorableText(cause?: unknown): WindlassError {
  return new WindlassError(
    'validation-failed',
    'text must not have NUL characters or unpaired surrogates',
    cause === undefined ? {} : { cause },
  );
}

function isPassingError(error: Error, state: string | null): boolean {
  if (state !== null) return passingStates.has(state) || passingStates.has(state.slice(0, 2));
  if (isPassing(error)) return true;
  if (passingMessages.some((form) => form.test(error.message))) return true;
  const code: unknown = 'code' in error ? error.code : null;
  if (typeof code === 'string' && passingPrismaCodes.has(code)) return true;
  const kind = driverError(error)?.kind;
  return kind !== undefined && passingKinds.has(kind);
}

/** Prisma's adapter sorts errors into kinds; these say that the connection failed. */
const passingKinds: ReadonlySet<string> = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
]);

type DriverError = { readonly kind?: string; readonly originalCode?: string };

/** `error.meta.driverAdapterError.cause` of Prisma's errors, or the adapter's own error's cause. */
function driverError(error: Error): DriverError | null {
  const meta: unknown = 'meta' in error ? error.meta : null;
  const adapterError =
    typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta
      ? meta.driverAdapterError
      : error;
  if (!(adapterError instanceof Error) || adapterError.name !== 'DriverAdapterError') return null;
  const cause: unknown = adapterError.cause;
  return typeof cause === 'object' && cause !== null ? cause : null;
}
