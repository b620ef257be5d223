/**
 * The id under which a caller repeats a request safely: X-Request-ID, or Idempotency-Key, which
 * means the same. Their form has been checked by the route's schema.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { WindlassError } from '@windlass/errors';

/**
 * @returns null where the caller gave none
 * @throws WindlassError `validation-failed` where both are given and differ
 */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | null {
  const requestId = single(headers['x-request-id']);
  const key = single(headers['idempotency-key']);
  if (requestId !== null && key !== null && requestId !== key) {
    throw new WindlassError('validation-failed', 'Two different request ids are given.', {
      fields: [
        {
          field: 'header.idempotency-key',
          message: 'must equal x-request-id where both are given',
        },
      ],
    });
  }
  return requestId ?? key;
}

function single(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}
