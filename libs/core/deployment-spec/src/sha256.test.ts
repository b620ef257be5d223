import { createHash } from 'node:crypto';
import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from './sha256.ts';

describe('sha256Hex', () => {
  it('gives the examples of FIPS 180-4', () => {
    expect(sha256Hex('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('agrees with the runtime on texts around every block boundary', () => {
    const random = seededRandom(1);
    for (let length = 0; length <= 200; length += 1) {
      const text = Array.from({ length }, () => random.pick(['a', 'é', '€', '𝄞', ' '])).join('');
      expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });
});
