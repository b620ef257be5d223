import { describe, expect, it } from 'vitest';
import { idempotencyKeyOf } from './idempotency-key.ts';

describe('the idempotency key', () => {
  it('is either header, or both where they are equal', () => {
    expect(idempotencyKeyOf({})).toBeNull();
    expect(idempotencyKeyOf({ 'x-request-id': 'a' })).toBe('a');
    expect(idempotencyKeyOf({ 'idempotency-key': 'b' })).toBe('b');
    expect(idempotencyKeyOf({ 'x-request-id': 'c', 'idempotency-key': 'c' })).toBe('c');
  });

  it('is refused where the two differ', () => {
    const differing = { 'x-request-id': 'a', 'idempotency-key': 'b' };
    expect(() => idempotencyKeyOf(differing)).toThrow(
      expect.objectContaining({ code: 'validation-failed' }),
    );
  });
});
