import { describe, expect, it } from 'vitest';
import { createRecordedVersions } from './recorded-versions.ts';

describe('recorded versions', () => {
  it('cover what was noted and everything older, of that object only', () => {
    const recorded = createRecordedVersions();
    recorded.note('default', 'web', '100');
    expect(recorded.covers('default', 'web', '99')).toBe(true);
    expect(recorded.covers('default', 'web', '100')).toBe(true);
    expect(recorded.covers('default', 'web', '101')).toBe(false);
    expect(recorded.covers('other', 'web', '1')).toBe(false);
  });

  it('keep the newest version, in whatever order they are noted', () => {
    const recorded = createRecordedVersions();
    recorded.note('default', 'web', '1000');
    recorded.note('default', 'web', '999');
    expect(recorded.covers('default', 'web', '1000')).toBe(true);
  });

  it('forget the least recently recorded beyond the bound', () => {
    const recorded = createRecordedVersions();
    recorded.note('default', 'first', '1');
    recorded.note('default', 'second', '1');
    recorded.note('default', 'first', '2');
    for (let index = 0; index < 9_999; index += 1) recorded.note('default', `web-${index}`, '1');
    expect(recorded.covers('default', 'second', '1')).toBe(false);
    expect(recorded.covers('default', 'first', '2')).toBe(true);
  });
});
