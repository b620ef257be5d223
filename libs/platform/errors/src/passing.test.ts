import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { isPassing } from './passing.ts';
import { WindlassError } from './windlass-error.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe('isPassing', () => {
  it.each(['unavailable', 'deadline', 'rate-limited', 'request-timeout', 'queue-full'] as const)(
    'is true for the code %s',
    (code) => expect(isPassing(new WindlassError(code, ''))).toBe(true),
  );

  it.each(['validation-failed', 'conflict', 'internal', 'forbidden'] as const)(
    'is false for the code %s, whatever caused it',
    (code) => {
      const cause = withCode('ECONNRESET');
      expect(isPassing(new WindlassError(code, '', { cause }))).toBe(false);
    },
  );

  it('is true for a connection that Node could not make', async () => {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const address = listener.address();
    await new Promise((resolve) => listener.close(resolve));
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const refused = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
    expect(isPassing(refused)).toBe(true);
  });

  it('is true for the error of AbortSignal.timeout, false for a plain abort', () => {
    expect(isPassing(new DOMException('late', 'TimeoutError'))).toBe(true);
    expect(isPassing(new DOMException('gone', 'AbortError'))).toBe(false);
  });

  it('looks at the causes of what has no code of its own', () => {
    expect(isPassing(new Error('query failed', { cause: withCode('EPIPE') }))).toBe(true);
    expect(isPassing(new Error('query failed', { cause: new TypeError('bug') }))).toBe(false);
  });

  it('takes several errors as passing only when all are', () => {
    const refused = withCode('ECONNREFUSED');
    expect(isPassing(new AggregateError([refused, withCode('ETIMEDOUT')]))).toBe(true);
    expect(isPassing(new AggregateError([refused, new TypeError('bug')]))).toBe(false);
    expect(isPassing(new AggregateError([]))).toBe(false);
  });

  it('ends on causes that lead back to themselves', () => {
    const first = new Error('first');
    first.cause = new Error('second', { cause: first });
    expect(isPassing(first)).toBe(false);
  });

  it.each(['ECONNREFUSED', null, undefined, 503, { code: 'ECONNREFUSED' }])(
    'is false for what is no error: %j',
    (value) => expect(isPassing(value)).toBe(false),
  );
});
