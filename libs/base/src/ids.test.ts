import { describe, expect, it } from 'vitest';
import { isUuid, newUuid, uuidV7 } from './ids.ts';

describe('uuidV7', () => {
  it('gives the example of RFC 9562, appendix A.6', () => {
    const randomBytes = Uint8Array.from([
      0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f,
    ]);
    expect(uuidV7(0x017f22e279b0, randomBytes)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('sorts by time, also past 32 bits of milliseconds', () => {
    const zeros = new Uint8Array(10);
    const ids = [0, 1, 2 ** 32 - 1, 2 ** 32, 1_700_000_000_000, 2 ** 48 - 1].map((ms) =>
      uuidV7(ms, zeros),
    );
    expect(ids.toSorted()).toEqual(ids);
  });

  it('sets version and variant whatever the randomness', () => {
    for (const byte of [0x00, 0x55, 0xaa, 0xff]) {
      expect(uuidV7(0, new Uint8Array(10).fill(byte))).toMatch(/^.{14}7.{4}[89ab]/);
    }
  });

  it('refuses too little randomness', () => {
    expect(() => uuidV7(0, new Uint8Array(9))).toThrow(RangeError);
  });
});

describe('newUuid', () => {
  it('makes ids that differ and are UUIDs', () => {
    const ids = Array.from({ length: 1_000 }, newUuid);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every(isUuid)).toBe(true);
  });
});

describe('isUuid', () => {
  it.each(['017F22E2-79B0-7CC3-98C4-DC0C0C07398F', '00000000-0000-0000-0000-000000000000'])(
    'takes %s',
    (text) => expect(isUuid(text)).toBe(true),
  );

  it.each([
    '',
    'web',
    '017f22e279b07cc398c4dc0c0c07398f',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398g',
    ' 017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n',
  ])('refuses %j', (text) => expect(isUuid(text)).toBe(false));
});
