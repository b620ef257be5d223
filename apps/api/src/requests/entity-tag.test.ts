import { describe, expect, it } from 'vitest';
import { deploymentTag, matchesNone, parseIfMatch, requestTag } from './entity-tag.ts';

describe('If-Match', () => {
  it.each([
    [undefined, { kind: 'any' }],
    ['*', { kind: 'any' }],
    [requestTag(7), { kind: 'versions', versions: [7] }],
    [deploymentTag(7, '81234'), { kind: 'versions', versions: [7] }],
    ['"6", "7"', { kind: 'versions', versions: [6, 7] }],
    // The strong comparison: a weak tag matches nothing.
    ['W/"7"', { kind: 'versions', versions: [] }],
    ['"something else"', { kind: 'malformed' }],
    ['"abc"', { kind: 'versions', versions: [] }],
    ['7', { kind: 'malformed' }],
    ['"7', { kind: 'malformed' }],
    ['', { kind: 'malformed' }],
    ['"99999999999999999999"', { kind: 'versions', versions: [] }],
  ])('%s', (header, expected) => {
    expect(parseIfMatch(header)).toEqual(expected);
  });
});

describe('If-None-Match', () => {
  it.each([
    [undefined, false],
    ['*', true],
    ['"7"', true],
    ['W/"7"', true],
    ['"6", W/"7"', true],
    ['"8"', false],
    ['7', false],
  ])('%s', (header, expected) => {
    expect(matchesNone(header, requestTag(7))).toBe(expected);
  });
});
