import { NatsError } from 'nats';
import { describe, expect, it } from 'vitest';
import { apiFailure } from './api-failure.ts';

const api = (code: number, errCode: number) => {
  const error = new NatsError('said the server', `${code}`);
  error.api_error = { code, err_code: errCode, description: 'said the server' };
  return error;
};

describe('apiFailure', () => {
  it.each([
    ['a stream that is missing', api(404, 10059), 'stream-not-found'],
    ['a consumer that is missing', api(404, 10014), 'consumer-not-found'],
    ['a consumer that is otherwise', api(400, 10148), 'consumer-exists'],
    ['a message that is gone', api(404, 10037), 'message-not-found'],
    ['a stream made by another', api(400, 10058), 'stream-exists'],
    ['a full stream', api(503, 10077), 'full'],
    ['a cluster without a leader', api(503, 10008), 'unavailable'],
    ['a message that is too large', api(400, 10054), 'refused'],
    ['nobody on the subject', new NatsError('503', '503'), 'no-responders'],
    ['no answer', new NatsError('TIMEOUT', 'TIMEOUT'), 'unavailable'],
    ['a lost connection', new NatsError('x', 'CONNECTION_CLOSED'), 'unavailable'],
    ['a message the server does not take', new NatsError('x', 'MAX_PAYLOAD_EXCEEDED'), 'refused'],
    ['a forbidden subject', new NatsError('x', 'PERMISSIONS_VIOLATION'), 'refused'],
    ['anything else', new TypeError('a bug'), 'refused'],
  ] as const)('sorts %s', (_name, error, kind) => {
    expect(apiFailure(error)).toMatchObject({ kind, error });
  });
});
