import { describe, expect, it } from 'vitest';
import { checkLinearizability } from './check.ts';
import { explainViolation } from './explain.ts';
import type { Model, Operation } from './types.ts';

type Input = { readonly write: number } | 'read';
type Output = number | 'written';

const register: Model<number, Input, Output> = {
  initial: 0,
  step: (state, input, output) => {
    if (input === 'read') return output === null || output === state ? state : null;
    return input.write;
  },
  key: String,
  isRead: (input) => input === 'read',
  mayMatter: () => true,
};

type Times = readonly [number, number | null];

function write(value: number, [calledAt, returnedAt]: Times): Operation<Input, Output> {
  const output = returnedAt === null ? null : 'written';
  return { caller: 'writer', input: { write: value }, output, calledAt, returnedAt };
}

function read(value: number, [calledAt, returnedAt]: Times): Operation<Input, Output> {
  return { caller: 'reader', input: 'read', output: value, calledAt, returnedAt };
}

const kindOf = (operations: readonly Operation<Input, Output>[]) =>
  checkLinearizability(register, operations).kind;

describe('checkLinearizability of a register', () => {
  it('accepts an empty history and one operation after the other', () => {
    expect(kindOf([])).toBe('linearizable');
    expect(kindOf([write(1, [0, 1]), read(1, [2, 3])])).toBe('linearizable');
  });

  it('lets overlapping operations take effect in either order, but only in one', () => {
    const writes = [write(1, [0, 10]), write(2, [0, 10])];
    expect(kindOf([...writes, read(1, [11, 12]), read(1, [13, 14])])).toBe('linearizable');
    expect(kindOf([...writes, read(2, [11, 12]), read(2, [13, 14])])).toBe('linearizable');
    expect(kindOf([...writes, read(2, [11, 12]), read(1, [13, 14])])).toBe('violation');
  });

  it('refuses a read of what was overwritten before it began', () => {
    expect(kindOf([write(1, [0, 1]), write(2, [2, 3]), read(1, [4, 5])])).toBe('violation');
  });

  it('counts a return and a call at the same time as overlapping', () => {
    expect(kindOf([write(1, [0, 5]), read(0, [5, 6])])).toBe('linearizable');
    expect(kindOf([write(1, [0, 5]), read(0, [6, 7])])).toBe('violation');
  });

  it('lets an unknown operation take effect late, or never, but not before its call', () => {
    const unknown = write(9, [10, null]);
    expect(kindOf([unknown, read(0, [20, 21]), read(9, [900, 901])])).toBe('linearizable');
    expect(kindOf([unknown, read(0, [900, 901])])).toBe('linearizable');
    expect(kindOf([unknown, read(9, [1, 2])])).toBe('violation');
    expect(kindOf([unknown, read(9, [20, 21]), read(0, [22, 23])])).toBe('violation');
  });

  it('names the first inexplicable return, and what leads up to it', () => {
    const stale = read(1, [4, 5]);
    const late = read(2, [6, 7]);
    const verdict = checkLinearizability(register, [
      write(1, [0, 1]),
      write(2, [2, 3]),
      stale,
      late,
    ]);
    if (verdict.kind !== 'violation') throw new Error(verdict.kind);
    expect(verdict.violation.failed).toBe(stale);
    expect(verdict.violation.prefixLength).toBe(3);
    expect(verdict.violation.linearization).toHaveLength(2);
    expect(verdict.violation.state).toBe(2);
    expect(explainViolation(verdict.violation)).toContain('[4, 5] reader: "read" → 1');
  });

  it('says that it does not know where its limit is reached', () => {
    const writes = Array.from({ length: 12 }, (_, value) => write(value, [0, 100]));
    const verdict = checkLinearizability(register, [...writes, read(99, [101, 102])], {
      stepsMax: 1_000,
    });
    expect(verdict).toMatchObject({ kind: 'unknown' });
  });

  it('remembers configurations: eight writes at once need no eight factorial steps', () => {
    const writes = Array.from({ length: 8 }, (_, value) => write(value + 1, [0, 100]));
    const verdict = checkLinearizability(register, [...writes, read(99, [101, 102])]);
    expect(verdict.kind).toBe('violation');
    expect(verdict.steps).toBeLessThan(20_000);
  });
});
