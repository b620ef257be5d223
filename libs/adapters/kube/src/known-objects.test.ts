import { type Random, seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { createKnownObjects, type KnownObjects, type ObjectChange } from './known-objects.ts';
import { compareResourceVersions } from './resource-version.ts';
import type { WatchedObject } from './watch-lines.ts';

function watched(name: string, resourceVersion: number, uid = `uid-${name}`): WatchedObject {
  const metadata = { namespace: 'a', name, uid, resourceVersion: String(resourceVersion) };
  return { ...metadata, object: { metadata } };
}

/** Hands everything over at once, as a handler that never throws. */
function committing(known: KnownObjects) {
  const changes: string[] = [];
  const take = (change: ObjectChange | null) => {
    if (change === null) return;
    known.commit(change);
    changes.push(`${change.type} ${change.name} ${change.resourceVersion}`);
  };
  const list = (version: number, ...items: readonly WatchedObject[]) => {
    const pass = known.beginList(String(version));
    for (const item of items) take(pass.item(item));
    for (const change of pass.finish()) take(change);
  };
  const event = (type: 'changed' | 'deleted', object: WatchedObject) =>
    take(known.event(type, object));
  const drain = () => changes.splice(0);
  return { take, list, event, drain };
}

describe('known objects', () => {
  it('gives everything at the first list and nothing at the same list again', () => {
    const known = createKnownObjects();
    const { list, drain } = committing(known);
    list(10, watched('a', 3), watched('b', 7));
    expect(drain()).toEqual(['changed a 3', 'changed b 7']);
    list(12, watched('a', 3), watched('b', 7));
    expect(drain()).toEqual([]);
    expect(known.count()).toBe(2);
  });

  it('finds at a list what changed and what was deleted meanwhile', () => {
    const { list, drain } = committing(createKnownObjects());
    list(10, watched('a', 3), watched('b', 7), watched('c', 8), watched('d', 9));
    drain();
    list(20, watched('b', 15), watched('d', 9));
    expect(drain()).toEqual(['changed b 15', 'deleted a 20', 'deleted c 20']);
  });

  it('takes an object made anew under the same name for a change', () => {
    const { list, drain } = committing(createKnownObjects());
    list(10, watched('a', 3));
    drain();
    list(20, watched('a', 15, 'another-uid'));
    expect(drain()).toEqual(['changed a 15']);
  });

  it('drops events that the last list has overtaken', () => {
    const { list, event, drain } = committing(createKnownObjects());
    list(10, watched('a', 3));
    drain();
    event('changed', watched('gone-by-10', 6));
    event('changed', watched('a', 3));
    event('deleted', watched('a', 9));
    expect(drain()).toEqual([]);
    event('changed', watched('a', 11));
    expect(drain()).toEqual(['changed a 11']);
  });

  it('does not bring back what was deleted while a list was under way', () => {
    const known = createKnownObjects();
    const { list, event, take, drain } = committing(known);
    list(10, watched('a', 3));
    drain();
    const pass = known.beginList('20');
    event('deleted', watched('a', 25));
    event('changed', watched('new', 26));
    take(pass.item(watched('a', 3)));
    for (const change of pass.finish()) take(change);
    expect(drain()).toEqual(['deleted a 25', 'changed new 26']);
    expect(known.count()).toBe(1);
  });

  it('does not show what it never handed over and what was deleted while a list was under way', () => {
    const known = createKnownObjects();
    const { list, event, take, drain } = committing(known);
    list(10);
    // Handing this one over fails.
    expect(known.event('changed', watched('a', 15))).not.toBeNull();
    const pass = known.beginList('20');
    event('deleted', watched('a', 25));
    take(pass.item(watched('a', 15)));
    for (const change of pass.finish()) take(change);
    expect(drain()).toEqual([]);
    expect(known.count()).toBe(0);
  });

  it('finds a change again whose handing over failed', () => {
    const known = createKnownObjects();
    const { list, drain } = committing(known);
    expect(known.event('changed', watched('a', 3))).not.toBeNull();
    list(10, watched('a', 3));
    expect(drain()).toEqual(['changed a 3']);
    expect(known.event('deleted', watched('a', 12))).not.toBeNull();
    list(20);
    expect(drain()).toEqual(['deleted a 20']);
  });

  it('resumes where list, events and bookmarks got to, and never falls back', () => {
    const known = createKnownObjects();
    expect(known.resumeVersion()).toBeNull();
    committing(known).list(10);
    expect(known.resumeVersion()).toBe('10');
    known.advance('12');
    known.advance('11');
    expect(known.resumeVersion()).toBe('12');
  });

  it('accepts a history that went back, with its deletions', () => {
    const known = createKnownObjects();
    const { list, drain } = committing(known);
    list(1_000, watched('a', 900), watched('b', 950));
    drain();
    known.rewind();
    expect(known.resumeVersion()).toBeNull();
    list(500, watched('a', 400));
    expect(drain()).toEqual(['changed a 400', 'deleted b 500']);
    expect(known.resumeVersion()).toBe('500');
  });
});

/** A cluster of a few names, its history, and the list-and-watch's way through it. */
function simulate(random: Random, steps: number) {
  const names = ['a', 'b', 'c', 'd'];
  let version = 1;
  const cluster = new Map<string, WatchedObject>();
  const history: { type: 'changed' | 'deleted'; object: WatchedObject }[] = [];
  const known = createKnownObjects();
  const mirror = new Map<string, WatchedObject['resourceVersion']>();
  const last = new Map<string, string>();
  const handOver = (change: ObjectChange | null) => {
    if (change === null || random.chance(0.05)) return;
    const previous = last.get(change.name) ?? '0';
    expect(compareResourceVersions(change.resourceVersion, previous)).toBeGreaterThan(0);
    last.set(change.name, change.resourceVersion);
    if (change.type === 'deleted') mirror.delete(change.name);
    else mirror.set(change.name, change.resourceVersion);
    known.commit(change);
  };
  const change = () => {
    version += 1;
    const name = random.pick(names);
    const present = cluster.get(name);
    if (present !== undefined && random.chance(0.4)) {
      cluster.delete(name);
      history.push({ type: 'deleted', object: watched(name, version, present.uid) });
      return;
    }
    const object = watched(name, version, present?.uid ?? `uid-${version}`);
    cluster.set(name, object);
    history.push({ type: 'changed', object });
  };
  let position = 0;
  const read = (count: number) => {
    for (const { type, object } of history.slice(position, position + count)) {
      handOver(known.event(type, object));
      known.advance(object.resourceVersion);
    }
    position = Math.min(history.length, position + count);
  };
  const list = () => {
    const items = [...cluster.values()];
    const pass = known.beginList(String(version));
    for (const item of items) {
      if (random.chance(0.3)) change();
      if (random.chance(0.3)) read(random.integer(1, 3));
      handOver(pass.item(item));
    }
    for (const deletion of pass.finish()) handOver(deletion);
  };
  list();
  for (let step = 0; step < steps; step += 1) {
    if (random.chance(0.6)) change();
    if (random.chance(0.5)) read(random.integer(1, 4));
    // The watch broke, and resumes somewhere before or at what it had reached.
    if (random.chance(0.1)) {
      const resumeVersion = known.resumeVersion() ?? '0';
      const at = history.findIndex(
        ({ object }) => compareResourceVersions(object.resourceVersion, resumeVersion) > 0,
      );
      position = at === -1 ? history.length : at;
    }
    if (random.chance(0.05)) list();
  }
  read(history.length);
  // Handing over fails now and then: lists until none failed bring what is left.
  for (let rounds = 0; rounds < 50; rounds += 1) list();
  read(history.length);
  for (let rounds = 0; rounds < 20; rounds += 1) {
    const pass = known.beginList(String(version));
    for (const item of cluster.values()) handOver(pass.item(item));
    for (const deletion of pass.finish()) handOver(deletion);
  }
  const truth = new Map([...cluster].map(([name, object]) => [name, object.resourceVersion]));
  return { mirror, truth };
}

describe('known objects, at random', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'converges and never goes back, seed %i',
    (seed) => {
      const { mirror, truth } = simulate(seededRandom(`known-objects/${seed}`), 300);
      expect(mirror).toEqual(truth);
    },
  );
});
