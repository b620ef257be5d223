import { describe, expect, it } from 'vitest';
import { mergeSpec } from './merge-spec.ts';
import type { DeploymentSpec } from './types.ts';

const current: DeploymentSpec = {
  image: 'nginx:1.27',
  replicas: 2,
  labels: { team: 'a', tier: 'web' },
  args: ['-v'],
};

describe('mergeSpec', () => {
  it('sets, replaces and removes members, and merges objects', () => {
    const patch = { image: 'nginx:1.28', labels: { tier: null, stage: 'test' }, args: null };
    expect(mergeSpec(current, patch)).toEqual({
      image: 'nginx:1.28',
      replicas: 2,
      labels: { team: 'a', stage: 'test' },
    });
  });

  it('replaces lists as a whole', () => {
    expect(mergeSpec(current, { args: ['-q'] })).toMatchObject({ args: ['-q'] });
  });

  it('gives what the RFC gives in its appendix A', () => {
    const cases = [
      ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
      ['{"a":"b"}', '{"a":null}', '{}'],
      ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
      ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
      ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
      ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
      ['["a","b"]', '["c","d"]', '["c","d"]'],
      ['{"a":"b"}', '["c"]', '["c"]'],
      ['{"a":"foo"}', '"bar"', '"bar"'],
      ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
      ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
      ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
    ] as const;
    for (const [target, patch, result] of cases) {
      const merged = mergeSpec(
        { ...current, labels: JSON.parse(target) },
        { labels: JSON.parse(patch) },
      );
      expect(merged).toEqual({ ...current, labels: JSON.parse(result) });
    }
  });

  it('changes neither input and no prototype', () => {
    const patch: unknown = JSON.parse('{"labels": {"__proto__": {"polluted": "yes"}}}');
    const before = structuredClone(current);
    const merged = mergeSpec(current, patch);
    expect(current).toEqual(before);
    expect(JSON.stringify(merged)).toContain('"__proto__":{"polluted":"yes"}');
    expect(Object.getPrototypeOf(Object.assign({}, merged))).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});
