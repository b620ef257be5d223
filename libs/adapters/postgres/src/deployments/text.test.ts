import { describe, expect, it } from 'vitest';
import { boundedMessage, callersJson, ownJson } from './text.ts';

const storable = [
  'plain',
  'C:\\u0000',
  '\\\\u0000',
  '\\ud800',
  '😀',
  'tab\tand "quotes"',
  '\u0001',
];
const unstorable = ['\0', 'a\0b', '\\\0', '\ud800', '\udfff x', '\ud83d\ud83d\ude00'];

describe('callersJson', () => {
  it.each(storable)('writes %j', (text) => {
    expect(callersJson({ text })).toBe(JSON.stringify({ text }));
  });

  it.each(unstorable)('refuses %j', (text) => {
    expect(() => callersJson({ deep: [{ text }] })).toThrow(/NUL/);
    expect(() => callersJson({ [text]: 1 })).toThrow(/NUL/);
  });
});

describe('ownJson', () => {
  it.each(storable)('writes %j', (text) => {
    expect(ownJson({ text })).toBe(JSON.stringify({ text }));
  });

  it.each(unstorable)('replaces what is wrong in %j', (text) => {
    const { text: stored }: { readonly text: string } = JSON.parse(ownJson({ text }));
    expect(stored).toContain('\uFFFD');
    expect(callersJson(stored)).toBe(JSON.stringify(stored));
  });
});

describe('boundedMessage', () => {
  it('keeps short messages and cuts long ones', () => {
    expect(boundedMessage('short')).toBe('short');
    expect(boundedMessage('x'.repeat(4_096))).toHaveLength(4_096);
    expect(boundedMessage('x'.repeat(4_097))).toBe(`${'x'.repeat(4_095)}…`);
  });
});
