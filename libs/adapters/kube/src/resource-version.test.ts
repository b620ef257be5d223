import { describe, expect, it } from 'vitest';
import { compareResourceVersions, newerResourceVersion } from './resource-version.ts';

describe('resource versions', () => {
  it.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['123', '123', 0],
    ['0', '1', -1],
    // Beyond what a double tells apart.
    ['9007199254740993', '9007199254740992', 1],
    ['18446744073709551615', '18446744073709551614', 1],
  ])('compares %s and %s as numbers', (left, right, sign) => {
    expect(Math.sign(compareResourceVersions(left, right))).toBe(sign);
  });

  it('gives the newer one', () => {
    expect(newerResourceVersion('99', '100')).toBe('100');
    expect(newerResourceVersion('100', '99')).toBe('100');
  });
});
