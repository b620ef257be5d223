import type { FieldProblem } from '@windlass/errors';
import type { AnySchema } from 'ajv';
import { describe, expect, it } from 'vitest';
import { fieldProblems, type RequestPart } from './field-problems.ts';
import { validatorsOver } from './validators.ts';

function problems(schema: AnySchema, value: unknown, part: RequestPart = 'body') {
  const validate = validatorsOver({}, {})({ schema, httpPart: part });
  return validate(value) ? [] : fieldProblems(validate.errors ?? [], part, 100);
}

/** The one problem of a field `a` with this schema. */
function problem(schema: AnySchema, value: unknown): FieldProblem | undefined {
  const all = problems({ type: 'object', properties: { a: schema } }, { a: value });
  expect(all).toHaveLength(1);
  return all[0];
}

describe('one keyword', () => {
  it.each([
    [{ type: 'integer' }, 'x', 'must be an integer', undefined],
    [{ type: ['string', 'null'] }, 1, 'must be a string or null', undefined],
    [{ type: 'number', minimum: 1 }, 0, 'must be at least 1', 1],
    [{ type: 'number', maximum: 1 }, 2, 'must be at most 1', 1],
    [{ type: 'number', exclusiveMinimum: 1 }, 1, 'must be more than 1', 1],
    [{ type: 'number', exclusiveMaximum: 1 }, 1, 'must be less than 1', 1],
    [{ type: 'number', multipleOf: 5 }, 3, 'must be a multiple of 5', 5],
    [{ type: 'string', minLength: 1 }, '', 'must have at least 1 character', 1],
    [{ type: 'string', maxLength: 2 }, 'abc', 'must have at most 2 characters', 2],
    [{ type: 'array', minItems: 1 }, [], 'must have at least 1 item', 1],
    [{ type: 'array', maxItems: 1 }, [1, 2], 'must have at most 1 item', 1],
    [{ type: 'object', minProperties: 1 }, {}, 'must have at least 1 field', 1],
    [{ type: 'object', maxProperties: 1 }, { a: 1, b: 2 }, 'must have at most 1 field', 1],
    [
      { type: 'array', uniqueItems: true },
      [7, 8, 7],
      'must not repeat items (0 and 2 are the same)',
      undefined,
    ],
    [{ enum: ['x', 'y'] }, 'z', 'must be one of x, y', 'x, y'],
    [{ const: 'x' }, 'z', 'must be "x"', undefined],
    [{ type: 'string', pattern: '^a$' }, 'b', 'must match ^a$', '^a$'],
    [{ type: 'string', format: 'date-time' }, 'b', 'must have the format date-time', 'date-time'],
    [{ not: {} }, 1, 'is not allowed', undefined],
    [false, 1, 'is not allowed', undefined],
  ])('%j refuses %j', (schema, value, message, limit) => {
    const expected = { field: 'a', message, ...(limit !== undefined && { limit }) };
    expect(problem(schema, value)).toEqual(expected);
  });
});

describe('where a problem is', () => {
  it('is told as the caller wrote it', () => {
    const schema = {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', required: ['x'] } },
        labels: {
          type: 'object',
          propertyNames: { pattern: '^[a-z./~]+$' },
          additionalProperties: { type: 'string' },
        },
      },
    };
    expect(problems(schema, { list: [{}], labels: { 'a.b/c~d': 1, UPPER: 'x' } })).toEqual([
      { field: 'list[0].x', message: 'is required' },
      { field: 'labels.UPPER', message: 'must match ^[a-z./~]+$', limit: '^[a-z./~]+$' },
      { field: 'labels["a.b/c~d"]', message: 'must be a string' },
    ]);
  });

  it('is the body where it has no field', () => {
    expect(problems({ type: 'object' }, [])).toEqual([
      { field: 'body', message: 'must be an object' },
    ]);
  });

  it('says which part of the request, and calls parameters by their name', () => {
    const schema = { type: 'object', additionalProperties: false, required: ['if-match'] };
    expect(problems(schema, { x: 1 }, 'headers').map(({ field }) => field)).toEqual([
      'header.if-match',
      'header.x',
    ]);
    expect(
      problems({ type: 'object', additionalProperties: false }, { x: 1 }, 'querystring'),
    ).toEqual([{ field: 'query.x', message: 'is not a known parameter' }]);
  });

  it('does not repeat endless names', () => {
    const schema = { type: 'object', additionalProperties: false };
    const [first] = problems(schema, { ['x'.repeat(100_000)]: 1 });
    expect(first?.field.length).toBeLessThan(140);
  });
});

describe('unions', () => {
  const strategy = {
    anyOf: [
      {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: { type: { const: 'Recreate' } },
      },
      {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: {
          type: { const: 'RollingUpdate' },
          maxSurge: {
            anyOf: [
              { type: 'integer', minimum: 0 },
              { type: 'string', pattern: '^\\d+%$' },
            ],
          },
        },
      },
    ],
  };
  const ofStrategy = (value: unknown) =>
    problems({ type: 'object', properties: { strategy, other: { type: 'string' } } }, value);

  it('of constants are a choice', () => {
    expect(problem({ anyOf: [{ const: 'A' }, { const: 'B' }] }, 'C')).toEqual({
      field: 'a',
      message: 'must be one of A, B',
      limit: 'A, B',
    });
  });

  it('of types name the types', () => {
    expect(problem({ anyOf: [{ type: 'integer' }, { type: 'string' }] }, true)?.message).toBe(
      'must be an integer or a string',
    );
  });

  it('tell of the branch that was meant', () => {
    expect(ofStrategy({ strategy: { type: 'RollingUpdate', maxSurge: -1, foo: 1 } })).toEqual([
      { field: 'strategy.foo', message: 'is not a known field' },
      { field: 'strategy.maxSurge', message: 'must be at least 0', limit: 0 },
    ]);
    expect(ofStrategy({ strategy: { type: 'Recreate', maxSurge: 1 } })).toEqual([
      { field: 'strategy.maxSurge', message: 'is not a known field' },
    ]);
    expect(ofStrategy({ strategy: { type: 'RollingUpdate', maxSurge: '5' } })).toEqual([
      { field: 'strategy.maxSurge', message: 'must match ^\\d+%$', limit: '^\\d+%$' },
    ]);
  });

  it('leave the problems beside them alone', () => {
    expect(ofStrategy({ strategy: 5, other: 5 })).toEqual([
      { field: 'strategy', message: 'must be an object' },
      { field: 'other', message: 'must be a string' },
    ]);
    expect(ofStrategy({ strategy: { type: 'Recreate' }, other: 'x' })).toEqual([]);
  });
});

describe('validators', () => {
  it('refuse a schema with a misspelled keyword when they are made', () => {
    const compile = validatorsOver({}, {});
    expect(() => compile({ schema: { type: 'string', maxLenght: 5 } })).toThrow('maxLenght');
    expect(() => compile({ schema: { type: 'string', example: 'x' } })).not.toThrow();
  });

  it('know the schemas that the app shares, and its own keywords and formats', () => {
    const name = { $id: 'name', type: 'string', format: 'lower', 'x-order': 1 };
    const options = { keywords: ['x-order'], formats: { lower: /^[a-z]+$/ } };
    const validate = validatorsOver({ name }, options)({ schema: { $ref: 'name#' } });
    expect([validate('abc'), validate('ABC')]).toEqual([true, false]);
  });
});
