import { describe, expect, it } from 'vitest';
import { ExitCode } from './exit-codes.ts';
import { GrpcStatus } from './grpc.ts';
import { exitCodeOf, grpcStatusOf, toProblem } from './problem.ts';
import { WindlassError } from './windlass-error.ts';

describe('toProblem', () => {
  it('is a problem document of RFC 9457 with the code and every field', () => {
    const fields = [{ field: 'replicas', message: 'must be at most 1000', limit: 1000 }];
    const error = new WindlassError('validation-failed', 'One field is not valid.', { fields });
    expect(toProblem(error, '/api/v1/ping')).toEqual({
      type: 'https://windlass.dev/problems/validation-failed',
      title: 'The request is not valid',
      status: 400,
      detail: 'One field is not valid.',
      instance: '/api/v1/ping',
      code: 'validation-failed',
      errors: fields,
    });
  });

  it('carries further members, which can not replace the standard ones', () => {
    const extra = { request: '17', status: 200, code: 'fine', type: 'about:blank' };
    const problem = toProblem(new WindlassError('conflict', 'busy', { extra }), '/x');
    expect(problem).toMatchObject({ request: '17', status: 409, code: 'conflict' });
    expect(problem.type).toBe('https://windlass.dev/problems/conflict');
  });

  it.each([
    new Error('password=hunter2'),
    new WindlassError('internal', 'password=hunter2', { extra: { hint: 'hunter2' } }),
    'hunter2',
    { message: 'hunter2' },
    null,
    undefined,
  ])('tells nothing about what is not foreseen: %s', (error) => {
    const problem = toProblem(error, '/x');
    expect(problem).toMatchObject({ status: 500, code: 'internal', errors: [] });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  it('never shows the cause', () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.1:5432');
    const problem = toProblem(new WindlassError('unavailable', 'away', { cause }), '/x');
    expect(JSON.stringify(problem)).not.toContain('10.0.0.1');
  });
});

describe('the other ways out', () => {
  it('gives gRPC status and exit code of the same entry', () => {
    const error = new WindlassError('unavailable', 'away');
    expect([grpcStatusOf(error), exitCodeOf(error)]).toEqual([
      GrpcStatus.UNAVAILABLE,
      ExitCode.TryAgain,
    ]);
  });

  it('counts what is not foreseen as internal', () => {
    const error = new TypeError('x is not a function');
    expect([grpcStatusOf(error), exitCodeOf(error)]).toEqual([
      GrpcStatus.INTERNAL,
      ExitCode.Failure,
    ]);
  });
});

describe('WindlassError', () => {
  it('keeps code, detail and cause', () => {
    const cause = new Error('socket hang up');
    const error = new WindlassError('deadline', 'too late', { cause, retryAfterMs: 1_500 });
    expect(error).toMatchObject({ code: 'deadline', detail: 'too late', status: 504, cause });
    expect(error.retryAfterMs).toBe(1_500);
    expect(new WindlassError('conflict', 'busy')).not.toHaveProperty('cause');
  });
});
