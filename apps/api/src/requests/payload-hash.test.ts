import { describe, expect, it } from 'vitest';
import { canonicalJson, payloadHash } from './payload-hash.ts';

describe('the payload hash', () => {
  it('does not depend on the order of members', () => {
    const left = { identifier: 'web', image: 'nginx:1.27', labels: { a: '1', b: '2' } };
    const right = { labels: { b: '2', a: '1' }, image: 'nginx:1.27', identifier: 'web' };
    expect(payloadHash('CREATE', left)).toBe(payloadHash('CREATE', right));
  });

  it('depends on the order of lists, on values and on the action', () => {
    const hash = payloadHash('CREATE', { args: ['a', 'b'] });
    expect(payloadHash('CREATE', { args: ['b', 'a'] })).not.toBe(hash);
    expect(payloadHash('CREATE', { args: ['a', 'b', 'c'] })).not.toBe(hash);
    expect(payloadHash('SCALE web', { args: ['a', 'b'] })).not.toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tells texts from what looks like them', () => {
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
    expect(canonicalJson({ 'a":1,"b': 2 })).not.toBe(canonicalJson({ a: 1, b: 2 }));
  });

  it('writes JSON that reads back as the same value', () => {
    const value = { b: [1, { d: null, c: 'ü"\n' }], a: true };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
    expect(canonicalJson(value)).toBe('{"a":true,"b":[1,{"c":"ü\\"\\n","d":null}]}');
  });
});
