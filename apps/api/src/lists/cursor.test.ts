import { describe, expect, it } from 'vitest';
import { type CursorBinding, decodeCursor, encodeCursor } from './cursor.ts';

const binding: CursorBinding = {
  list: 'requests',
  userId: 'user:alice',
  filters: { status: 'CREATED', type: undefined },
};
const key = { after: '2026-01-05T10:00:00.000Z', id: '01930f0e-8c5a-7d2b-9d6e-0a4f5b1c2d3e' };

describe('cursors', () => {
  it('give back the position they were made from', () => {
    expect(decodeCursor(binding, encodeCursor(binding, key))).toEqual({ ok: true, value: key });
  });

  it('treat a filter that was left out like one that is undefined', () => {
    const same = { ...binding, filters: { status: 'CREATED' } };
    expect(decodeCursor(same, encodeCursor(binding, key))).toMatchObject({ ok: true });
  });

  it.each([
    ['another filter', { ...binding, filters: { status: 'SUCCESS' } }],
    ['one filter less', { ...binding, filters: {} }],
    ['another user', { ...binding, userId: 'user:bob' }],
    ['another role', { ...binding, userId: 'admin:alice' }],
    ['another list', { ...binding, list: 'deployments' }],
  ])('are refused with %s', (_what, other) => {
    expect(decodeCursor(other, encodeCursor(binding, key))).toEqual({
      ok: false,
      error: 'other-list',
    });
  });

  it.each([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('nonsense').toString('base64url')],
    ['too few parts', Buffer.from('["a","b"]').toString('base64url')],
    ['parts of another kind', Buffer.from('["a",1,{}]').toString('base64url')],
    ['a position with a quote', encodeCursor(binding, { ...key, after: "x' OR '1" })],
    ['NUL in the id', encodeCursor(binding, { ...key, id: '\0' })],
    ['too long', 'A'.repeat(513)],
  ])('are refused as malformed: %s', (_what, cursor) => {
    expect(decodeCursor(binding, cursor)).toEqual({ ok: false, error: 'malformed' });
  });
});
