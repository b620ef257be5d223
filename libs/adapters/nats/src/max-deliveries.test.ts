import { describe, expect, it } from 'vitest';
import { parseAdvisory } from './max-deliveries.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('parseAdvisory', () => {
  it('reads what the server sends, and ignores what it may add', () => {
    const advisory =
      '{"type":"io.nats.jetstream.advisory.v1.max_deliver","id":"x","timestamp":"2026-01-01T00:00:00Z",' +
      '"stream":"W","consumer":"c","stream_seq":7,"deliveries":3,"domain":"d","new":{}}';
    expect(parseAdvisory(bytes(advisory))).toEqual({
      ok: true,
      value: { stream: 'W', consumer: 'c', sequence: 7, deliveries: 3 },
    });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"stream":"W"}',
    '{"stream":"W","consumer":"c","stream_seq":"7","deliveries":3}',
  ])('reads nothing into %j', (text) => {
    expect(parseAdvisory(bytes(text)).ok).toBe(false);
  });
});
