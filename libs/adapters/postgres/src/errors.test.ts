import { isPassing, WindlassError } from '@windlass/errors';
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { passingError, sqlStateOf } from './errors.ts';

function answer(code: string): DatabaseError {
  const error = new DatabaseError('message', 1, 'error');
  error.code = code;
  return error;
}

function fromPrisma(code: string, cause: object): Error {
  const adapterError = new Error('adapter');
  adapterError.name = 'DriverAdapterError';
  adapterError.cause = cause;
  return Object.assign(new Error('prisma'), {
    code,
    meta: { driverAdapterError: adapterError },
  });
}

describe('passingError', () => {
  it.each([
    '08006',
    '53300',
    '57014',
    '57P01',
    '57P02',
    '57P03',
    '25006',
    '40001',
    '40P01',
    '55P03',
  ])('takes SQLSTATE %s as passing, with its cause', (code) => {
    const error = answer(code);
    const sorted = passingError(error);
    expect(sorted).toMatchObject({ code: 'unavailable', cause: error });
    expect(isPassing(sorted)).toBe(true);
  });

  it.each(['23505', '23514', '42P01', '42601', '28P01', '22003'])(
    'lets SQLSTATE %s through',
    (code) => {
      const error = answer(code);
      expect(passingError(error)).toBe(error);
    },
  );

  it.each([
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('takes "%s" as passing', (message) => {
    expect(passingError(new Error(message))).toMatchObject({ code: 'unavailable' });
  });

  it('takes system errors as passing, also several of one attempt', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    expect(passingError(refused)).toMatchObject({ code: 'unavailable' });
    expect(passingError(new AggregateError([refused, refused]))).toMatchObject({
      code: 'unavailable',
    });
  });

  it('looks into what Prisma wraps', () => {
    const ended = fromPrisma('P2010', { kind: 'postgres', originalCode: '57P01' });
    expect(sqlStateOf(ended)).toBe('57P01');
    expect(passingError(ended)).toMatchObject({ code: 'unavailable', cause: ended });
    for (const error of [
      fromPrisma('P1001', {}),
      fromPrisma('P2010', { kind: 'ConnectionClosed' }),
    ]) {
      expect(passingError(error)).toMatchObject({ code: 'unavailable' });
    }
    const missing = fromPrisma('P2021', { kind: 'TableDoesNotExist', originalCode: '42P01' });
    expect(passingError(missing)).toBe(missing);
  });

  it('blames the caller for text that can not be stored', () => {
    for (const code of ['22021', '22P05']) {
      expect(passingError(answer(code))).toMatchObject({ code: 'validation-failed' });
    }
  });

  it('lets bugs and errors that are sorted already through', () => {
    for (const error of [new TypeError('bug'), new WindlassError('conflict', 'x'), 'text']) {
      expect(passingError(error)).toBe(error);
    }
  });
});
