import { describe, expect, it } from 'vitest';
import { metadataProblems } from './metadata.ts';

describe('annotations', () => {
  it('may have 252 KiB together, names included, counted in bytes', () => {
    const name = 'note';
    const fits = { [name]: 'x'.repeat(252 * 1024 - name.length) };
    expect(metadataProblems({ image: 'x', replicas: 1, annotations: fits })).toEqual([]);
    for (const text of [`${fits[name]}x`, `${fits[name]?.slice(1)}é`]) {
      expect(metadataProblems({ image: 'x', replicas: 1, annotations: { [name]: text } })).toEqual([
        {
          field: 'annotations',
          message: 'must be at most 258048 bytes together, names included',
          limit: 258_048,
        },
      ]);
    }
  });
});
