import { describe, expect, it } from 'vitest';
import { patterns, StreamKind, streamName, subjects } from './names.ts';

describe('names', () => {
  it('gives no two prefixes the same stream', () => {
    const prefixes = ['a', 'a-b', 'a_b', 'a_sync', 'a_dead', 'a_dead_letters', 'windlass'];
    const names = prefixes.flatMap((prefix) =>
      Object.values(StreamKind).map((kind) => streamName(prefix, kind)),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('WINDLASS_REVISIONS');
  });

  it('puts identifiers into subjects as one token each', () => {
    expect(subjects.revision('windlass', 'web')).toBe('windlass.deployments.revisions.web');
    expect(subjects.sync('windlass', 'prod', 'web-1')).toBe('windlass.deployments.sync.prod.web-1');
    expect(patterns.sync('windlass')).toBe('windlass.deployments.sync.*.*');
  });

  it.each(['', 'a.b', '*', '>', 'A', '-a', 'a'.repeat(64), 'a b', '_all'])(
    'lets nothing else into a subject: %j',
    (name) => {
      expect(() => subjects.revision('windlass', name)).toThrow('RFC 1123');
      expect(() => subjects.sync('windlass', 'default', name)).toThrow('RFC 1123');
    },
  );

  it.each(['', 'A', '1a', 'a.b', 'a>', 'a'.repeat(33)])('refuses the prefix %j', (prefix) => {
    expect(() => subjects.activity(prefix)).toThrow('no subject prefix');
    expect(() => streamName(prefix, StreamKind.Sync)).toThrow('no subject prefix');
  });

  it('keeps the subject of a relist apart from that of every Deployment', () => {
    expect(subjects.relist('windlass')).toBe('windlass.deployments.sync._all._all');
  });
});
