import { describe, expect, it } from 'vitest';
import { placeTable } from './settings.ts';

const opening = '<!-- settings -->';
const closing = '<!-- /settings -->';

describe('placeTable', () => {
  it('puts the table between the marks and leaves the rest', () => {
    const text = `before\n${opening}\nold\n${closing}\nafter\n`;
    const placed = placeTable(text, '| new |\n');
    expect(placed).toBe(`before\n${opening}\n\n| new |\n\n${closing}\nafter\n`);
    expect(placeTable(placed ?? '', '| new |\n')).toBe(placed);
  });

  it.each([
    '',
    opening,
    closing,
    `${closing}${opening}`,
    `${opening}${closing}${opening}${closing}`,
  ])('refuses %j', (text) => {
    expect(placeTable(text, 'x')).toBeNull();
  });
});
