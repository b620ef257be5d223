import { describe, expect, it } from 'vitest';
import { activityFrame, gapFrame, readyFrame } from './frames.ts';

describe('frames', () => {
  it('carry an event in one data line, whatever is in it', () => {
    const frame = activityFrame({
      id: '12.34',
      userId: 'alice',
      identifier: 'web',
      request: null,
      type: 'request.failed',
      data: { message: 'two\nlines\r\nand: colons' },
      at: new Date('2026-01-05T10:00:00Z'),
    });
    const lines = frame.split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.slice(0, 2)).toEqual(['id: 12.34', 'event: request.failed']);
    expect(JSON.parse((lines[2] ?? '').replace('data: ', ''))).toEqual({
      type: 'request.failed',
      identifier: 'web',
      requestId: null,
      at: '2026-01-05T10:00:00.000Z',
      data: { message: 'two\nlines\r\nand: colons' },
    });
  });

  it('say where a stream begins, and that events were lost', () => {
    expect(readyFrame('7.8')).toContain('\nid: 7.8\nevent: ready\n');
    expect(gapFrame('1.2')).toBe('event: gap\ndata: {"lastEventId":"1.2"}\n\n');
  });
});
