/** Sorts what JetStream and the client throw, in one place. */
import { ErrorCode, NatsError } from 'nats';

export type ApiFailure = {
  readonly kind: /** No connection, no answer, or a server that says it can't now. Whether it was done is open. */
    | 'unavailable'
    /** Nobody listens on the subject: no stream captures it, or JetStream isn't up. Not done. */
    | 'no-responders'
    | 'stream-not-found'
    | 'consumer-not-found'
    | 'message-not-found'
    /** A stream of that name was made in the meantime, otherwise than asked for. */
    | 'stream-exists'
    /** A consumer of that name exists with other settings. */
    | 'consumer-exists'
    /** The stream is at its bound and keeps what it has. Not done. */
    | 'full'
    /** The same request will fail again. Not done. */
    | 'refused';
  readonly message: string;
  readonly error: unknown;
};

/** JetStream's own error numbers (errors.json of nats-server). */
const kinds: ReadonlyMap<number, ApiFailure['kind']> = new Map([
  [10059, 'stream-not-found'],
  [10014, 'consumer-not-found'],
  [10037, 'message-not-found'],
  [10043, 'message-not-found'],
  [10058, 'stream-exists'],
  [10077, 'full'],
  [10148, 'consumer-exists'],
]);

const unavailableCodes: ReadonlySet<string> = new Set([
  ErrorCode.Cancelled,
  ErrorCode.ConnectionClosed,
  ErrorCode.ConnectionDraining,
  ErrorCode.ConnectionRefused,
  ErrorCode.ConnectionTimeout,
  ErrorCode.Disconnect,
  ErrorCode.Timeout,
]);

const noRespondersCode: string = ErrorCode.NoResponders;

export function apiFailure(error: unknown): ApiFailure {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: kindOf(error), message, error };
}

function kindOf(error: unknown): ApiFailure['kind'] {
  if (!(error instanceof NatsError)) return 'refused';
  const api = error.api_error;
  if (api !== undefined) {
    const known = api.err_code === undefined ? undefined : kinds.get(api.err_code);
    return known ?? (api.code >= 500 ? 'unavailable' : 'refused');
  }
  if (error.code === noRespondersCode) return 'no-responders';
  return unavailableCodes.has(error.code) ? 'unavailable' : 'refused';
}
