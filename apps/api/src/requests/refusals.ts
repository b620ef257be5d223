/** The refusals of requests and changes, each in one place: code, detail, fields. */
import { WindlassError } from '@windlass/errors';
import type { ChangeInput, Quota } from '@windlass/postgres';

export function notFound(target: ChangeInput['target']): WindlassError {
  const what =
    'request' in target ? `request ${target.request}` : `deployment ${target.identifier}`;
  return new WindlassError('not-found', `There is no ${what}.`);
}

export function payloadMismatch(): WindlassError {
  return new WindlassError(
    'idempotency-payload-mismatch',
    'This request id was used before, with another payload.',
  );
}

export function versionMismatch(version: number): WindlassError {
  return new WindlassError('version-mismatch', `The request is at version ${version} now.`, {
    extra: { version },
  });
}

export function deleting(): WindlassError {
  return new WindlassError('deletion-in-progress', 'The deployment is deleted or being deleted.');
}

export function revisionNotFound(): WindlassError {
  return new WindlassError('not-found', 'There is no such revision to go back to.');
}

export function quotaExceeded(quota: keyof Quota, limit: number): WindlassError {
  const field = quota === 'deploymentsMax' ? 'identifier' : 'replicas';
  const message =
    quota === 'deploymentsMax'
      ? `would be more than the ${limit} deployments you may have`
      : `would make more than the ${limit} replicas you may have in all`;
  return new WindlassError('quota-exceeded', `The quota ${quota} is ${limit}.`, {
    fields: [{ field, message, limit }],
  });
}

export function identifierTaken(ownRequest: string | null): WindlassError {
  const detail =
    ownRequest === null
      ? 'The identifier is taken.'
      : `You hold the identifier already, with request ${ownRequest}.`;
  return new WindlassError('identifier-taken', detail, {
    fields: [{ field: 'identifier', message: 'is taken' }],
    extra: ownRequest === null ? {} : { request: ownRequest },
  });
}
