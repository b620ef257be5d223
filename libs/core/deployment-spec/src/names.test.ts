import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  annotationNames,
  isManaged,
  labelNames,
  ownAnnotations,
  ownLabels,
  readOwnership,
  userLabelValue as userLabelValueWith,
} from './names.ts';

const userLabelValue = (userId: string) =>
  userLabelValueWith(userId, (text) => createHash('sha256').update(text).digest('hex'));

const labelValue = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

describe('userLabelValue', () => {
  it('keeps an id that is a label value', () => {
    for (const id of ['ada', 'a', 'ada.lovelace_1-x', 'A'.repeat(63)]) {
      expect(userLabelValue(id)).toBe(id);
    }
  });

  it('makes a label value of any other text', () => {
    const ids = ['', ' ', 'ada@example.com', '-a', 'a-', 'A'.repeat(64), 'Ünï', '../..', 'a\nb'];
    for (const id of ids) expect(userLabelValue(id)).toMatch(labelValue);
    expect(new Set(ids.map(userLabelValue)).size).toBe(ids.length);
  });

  it('never gives two users one value, not even one who names himself like a hash', () => {
    const hashed = userLabelValue('ada@example.com');
    expect(hashed).toMatch(/^sha256-[0-9a-f]{40}$/);
    expect(userLabelValue(hashed)).not.toBe(hashed);
  });
});

describe('ownership', () => {
  const identity = {
    identifier: 'web',
    namespace: 'default',
    userId: 'ada@example.com',
    userLabel: userLabelValue('ada@example.com'),
    requestId: '018f0000-0000-7000-8000-000000000000',
    revision: 7,
  };

  it('is read back as it was written', () => {
    const metadata = { labels: ownLabels(identity), annotations: ownAnnotations(identity) };
    expect(isManaged(metadata)).toBe(true);
    expect(readOwnership(metadata)).toEqual({
      revision: 7,
      userId: 'ada@example.com',
      requestId: identity.requestId,
    });
  });

  it('takes an object without the manager label for foreign', () => {
    expect(isManaged({})).toBe(false);
    expect(isManaged({ labels: { [labelNames.managedBy]: 'Helm' } })).toBe(false);
  });

  it('counts a damaged revision as 0, so that any revision is newer', () => {
    for (const text of ['', '-1', '1.5', '1e3', 'seven', '9'.repeat(30)]) {
      const annotations = { [annotationNames.revision]: text };
      expect(readOwnership({ annotations }).revision).toBe(0);
    }
  });
});
