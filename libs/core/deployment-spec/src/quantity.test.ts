import { describe, expect, it } from 'vitest';
import { quantityNanos } from './quantity.ts';

const unit = 1_000_000_000n;

describe('quantityNanos', () => {
  it.each([
    ['0', 0n],
    ['1', unit],
    ['+1', unit],
    ['1.', unit],
    ['.5', unit / 2n],
    ['250m', unit / 4n],
    ['1n', 1n],
    ['1u', 1_000n],
    ['0.1n', 1n],
    ['1k', 1_000n * unit],
    ['1Ki', 1_024n * unit],
    ['1.5Gi', 1_610_612_736n * unit],
    ['1E', 10n ** 18n * unit],
    ['1Ei', 2n ** 60n * unit],
    ['12e6', 12_000_000n * unit],
    ['12E-3', 12_000_000n],
    ['1e+2', 100n * unit],
  ])('reads %s', (text, nanos) => {
    expect(quantityNanos(text)).toBe(nanos);
  });

  it.each([
    '',
    ' ',
    '.',
    '-1',
    '1 Gi',
    '1gi',
    '1K',
    '1KI',
    '1mi',
    '1e',
    '1e99',
    '1e19',
    'e3',
    '1.2.3',
    '1,5',
    '0x10',
    '∞',
    '1'.repeat(65),
  ])('takes %j for no quantity', (text) => {
    expect(quantityNanos(text)).toBeNull();
  });

  it('compares different spellings of the same amount as equal', () => {
    expect(quantityNanos('1024Mi')).toBe(quantityNanos('1Gi'));
    expect(quantityNanos('0.5')).toBe(quantityNanos('500m'));
    expect(quantityNanos('1e3')).toBe(quantityNanos('1k'));
  });
});
