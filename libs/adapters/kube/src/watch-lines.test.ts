import { describe, expect, it } from 'vitest';
import { classifyKubeError } from './error-table.ts';
import { createLineSplitter, parseWatchLine } from './watch-lines.ts';

const subject = { verb: 'watch', resource: 'deployments', kind: 'Deployment', target: '' };

function eventLine(type: string, name: string): string {
  const metadata = { name, namespace: 'a', uid: `uid-${name}`, resourceVersion: '7' };
  return JSON.stringify({ type, object: { kind: 'PartialObjectMetadata', metadata } });
}

function linesOf(chunks: readonly Buffer[], bytesMax?: number): readonly string[] {
  const split = createLineSplitter(bytesMax);
  return chunks.flatMap((chunk) => {
    const lines = split(chunk);
    if (!lines.ok) throw new Error(lines.error.message);
    return lines.value;
  });
}

describe('the line splitter', () => {
  // Characters of one to four bytes, an empty line, and a rest without its line break.
  const text = `${eventLine('ADDED', 'größe-日本-🚢')}\n\n${eventLine('MODIFIED', 'b')}\n{"type":`;
  const bytes = Buffer.from(text);
  const expected = [eventLine('ADDED', 'größe-日本-🚢'), eventLine('MODIFIED', 'b')];

  it('gives the same lines wherever the bytes are cut in two', () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(linesOf([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
  });

  it('gives the same lines byte by byte', () => {
    expect(linesOf(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(expected);
  });

  it('refuses a line over its bound, whole or cut', () => {
    const split = createLineSplitter(10);
    expect(split(Buffer.from('0123456789\n'))).toEqual({ ok: true, value: ['0123456789'] });
    expect(split(Buffer.from('01234567890\n')).ok).toBe(false);
    const cut = createLineSplitter(10);
    expect(cut(Buffer.from('01234')).ok).toBe(true);
    expect(cut(Buffer.from('567890')).ok).toBe(false);
  });
});

describe('parseWatchLine', () => {
  it.each([
    ['ADDED', 'changed'],
    ['MODIFIED', 'changed'],
    ['DELETED', 'deleted'],
  ])('reads %s', (type, expected) => {
    expect(parseWatchLine(subject, eventLine(type, 'web'))).toMatchObject({
      ok: true,
      value: {
        type: expected,
        watched: { namespace: 'a', name: 'web', uid: 'uid-web', resourceVersion: '7' },
      },
    });
  });

  it('reads a bookmark', () => {
    const line = JSON.stringify({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '9' } },
    });
    expect(parseWatchLine(subject, line)).toEqual({
      ok: true,
      value: { type: 'bookmark', resourceVersion: '9' },
    });
  });

  it('reads an error with its own status', () => {
    const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    const event = parseWatchLine(subject, JSON.stringify({ type: 'ERROR', object }));
    if (!event.ok || event.value?.type !== 'error') throw new Error('no error');
    expect(classifyKubeError(event.value.error)).toBe('gone');
    expect(event.value.error.message).toBe('too old');
  });

  it('passes over a type that it does not know', () => {
    expect(parseWatchLine(subject, '{"type":"NEWER","object":{}}')).toEqual({
      ok: true,
      value: null,
    });
  });

  it.each([
    ['cut JSON', '{"type":"ADDED","object":{"metada'],
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['a number', '7'],
    ['no type', '{"object":{}}'],
    ['no object', '{"type":"ADDED"}'],
    ['an object of null', '{"type":"ADDED","object":null}'],
    ['no metadata', '{"type":"ADDED","object":{}}'],
    ['no version', '{"type":"ADDED","object":{"metadata":{"name":"a","uid":"u"}}}'],
    ['a bookmark without a version', '{"type":"BOOKMARK","object":{"metadata":{}}}'],
  ])('refuses %s', (_case, line) => {
    expect(parseWatchLine(subject, line).ok).toBe(false);
  });
});
