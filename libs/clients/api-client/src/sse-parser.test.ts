import { describe, expect, it } from 'vitest';
import { createSseParser } from './sse-parser.ts';

const stream =
  ': hello\r\nretry: 20\r\nid: 1\r\nevent: a\r\ndata: {"x":\r\ndata: 1}\r\n\r\n' +
  'data:no space\r\revent: unfinished without data\n\nid: 2\nunknown: y\ndata\n\ndata: half';
const expected = [
  { id: '1', event: 'a', data: '{"x":\n1}' },
  { id: '1', event: 'message', data: 'no space' },
  { id: '2', event: 'message', data: '' },
];

describe('the parser of server-sent events', () => {
  it.each([1, 2, 3, 7, stream.length])('reads the stream in pieces of %i', (size) => {
    const parser = createSseParser(1_000);
    const events = [];
    for (let start = 0; start < stream.length; start += size) {
      events.push(...parser.push(stream.slice(start, start + size)));
    }
    expect(events).toEqual(expected);
    expect(parser.retryMs()).toBe(20);
  });

  it('refuses an event without an end', () => {
    const parser = createSseParser(100);
    expect(() => {
      for (let line = 0; line < 20; line += 1) parser.push('data: 0123456789\n');
    }).toThrow(RangeError);
    expect(() => createSseParser(100).push('x'.repeat(101))).toThrow(RangeError);
  });
});
