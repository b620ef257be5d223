import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

describe('crc32c', () => {
  // RFC 3720, B.4, and the usual check value.
  it.each([
    ['32 zeroes', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)), 0x46dd794e],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s', (_, bytes, expected) => expect(crc32c(bytes)).toBe(expected));

  it('goes on from what came before, at any cut', () => {
    const random = seededRandom('crc');
    const bytes = Buffer.from(Array.from({ length: 100 }, () => random.integer(0, 255)));
    for (let cut = 0; cut <= 100; cut += 1) {
      expect(crc32c(bytes, cut, 100, crc32c(bytes, 0, cut))).toBe(crc32c(bytes));
    }
  });
});
