import type { ObjectChange } from '@windlass/kube';
import { describe, expect, it } from 'vitest';
import type { Incident } from './ledger.ts';
import { createRevisionCheck } from './revision-watch.ts';

const changed = (uid: string, revision: number): ObjectChange => ({
  type: 'changed',
  namespace: 'default',
  name: 'nemesis-1-web',
  uid,
  resourceVersion: '7',
  object: {
    metadata: { name: 'web', annotations: { 'windlass.dev/revision': String(revision) } },
  },
});

function judged(changes: readonly ObjectChange[]) {
  const incidents: Incident[] = [];
  const check = createRevisionCheck('nemesis-1-', (incident) => incidents.push(incident));
  for (const change of changes) check.onEvent(change);
  return { rules: incidents.map(({ rule }) => rule), setBack: [...check.setBack] };
}

describe('the check of revisions as they come', () => {
  it('finds a revision that falls on one object', () => {
    expect(judged([changed('a', 1), changed('a', 3), changed('a', 2)])).toEqual({
      rules: ['older-over-newer'],
      setBack: ['nemesis-1-web'],
    });
  });

  it('notes an object that a late write brought back', () => {
    const changes = [changed('a', 1), changed('a', 3), changed('b', 1)];
    expect(judged(changes)).toEqual({ rules: [], setBack: ['nemesis-1-web'] });
  });

  it('allows repetitions, and a new object with a newer revision', () => {
    const changes = [changed('a', 3), changed('a', 3), changed('b', 5)];
    expect(judged(changes)).toEqual({ rules: [], setBack: [] });
  });
});
