import { describe, expect, it } from 'vitest';
import { AssertionError, assert, required, unreachable } from './assert.ts';

describe('assert', () => {
  it('lets what holds pass, also where it is only truthy', () => {
    expect(() => assert('text', 'never seen')).not.toThrow();
  });

  it.each([false, 0, '', null, undefined, Number.NaN])('ends the caller for %s', (condition) => {
    expect(() => assert(condition, 'it must hold')).toThrow(new AssertionError('it must hold'));
  });
});

describe('required', () => {
  it.each([0, '', false])('gives the value, also when it is %j', (value) => {
    expect(required(value, 'value')).toBe(value);
  });

  it.each([null, undefined])('names what is missing for %s', (value) => {
    expect(() => required(value, 'the lease')).toThrow('the lease is missing');
  });
});

function nameOf(kind: 'old' | 'older'): string {
  switch (kind) {
    case 'old':
      return 'Old';
    case 'older':
      return 'Older';
    default:
      return unreachable(kind);
  }
}

describe('unreachable', () => {
  it('shows the value that no case handles', () => {
    expect(nameOf('old')).toBe('Old');
    const surprise = JSON.parse('"new"');
    expect(() => nameOf(surprise)).toThrow('unreachable: "new"');
  });
});
