/**
 * What a list-and-watch remembers: for each key the uid and resource version that were handed
 * over last, and nothing of the objects (some 300 bytes each: 3 MB for 10,000). It decides what is
 * news. No I/O, no time.
 *
 * Invariant: the changes of one key have rising resource versions, whatever order events and lists
 * come in, and however they overlap.
 */

import type { KubeObject } from './objects.ts';
import { compareResourceVersions, newerResourceVersion } from './resource-version.ts';
import type { WatchedObject } from './watch-lines.ts';

export type ObjectChange = {
  readonly type: 'changed' | 'deleted';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of the object; for a deletion, of the deletion or of the list that no longer shows it. */
  readonly resourceVersion: string;
  /** Metadata only. Null where a list no longer shows the object. */
  readonly object: KubeObject | null;
};

type Known = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
};

/** One list under way. Watch events may be decided in between. */
export type ListPass = {
  /** An item of the list: the change it means, or null. */
  readonly item: (watched: WatchedObject) => ObjectChange | null;
  /** The list is complete: the deletions it proves, sorted by key. */
  readonly finish: () => readonly ObjectChange[];
};

export type KnownObjects = {
  /** An event of the watch: the change it means, or null where it is no news. */
  readonly event: (type: 'changed' | 'deleted', watched: WatchedObject) => ObjectChange | null;
  /** The change was handed over. Without this the next list finds it again. */
  readonly commit: (change: ObjectChange) => void;
  /** Begins a list; a pass begun before counts no more. */
  readonly beginList: (listVersion: string) => ListPass;
  /** Everything up to this version is known: where a watch resumes. Null before the first list. */
  readonly resumeVersion: () => string | null;
  /** The watch is past this version. */
  readonly advance: (resourceVersion: string) => void;
  /** The API server's history went back (a restored backup): accept lower versions from now on. */
  readonly rewind: () => void;
  readonly count: () => number;
};

export function createKnownObjects(): KnownObjects {
  const known = new Map<string, Known>();
  /** Every object is known as of this version, so older events are no news. */
  let floor = '0';
  let resumeAt: string | null = null;
  /** Deletions seen while a list is under way: its snapshot may still show those objects. */
  let deletedDuringList: Map<string, string> | null = null;

  const isNews = (watched: WatchedObject): boolean => {
    if (compareResourceVersions(watched.resourceVersion, floor) <= 0) return false;
    const present = known.get(keyOf(watched));
    if (present === undefined) return true;
    return compareResourceVersions(watched.resourceVersion, present.resourceVersion) > 0;
  };
  return {
    event: (type, watched) => {
      if (!isNews(watched)) return null;
      if (type === 'deleted' && !known.has(keyOf(watched))) {
        deletedDuringList?.set(keyOf(watched), watched.resourceVersion);
        return null;
      }
      return { type, ...watched };
    },
    commit: (change) => {
      const key = keyOf(change);
      if (change.type === 'deleted') {
        known.delete(key);
        deletedDuringList?.set(key, change.resourceVersion);
        return;
      }
      const { namespace, name, uid, resourceVersion } = change;
      known.set(key, { namespace, name, uid, resourceVersion });
    },
    beginList: (listVersion) => {
      const seen = new Set<string>();
      const deleted = new Map<string, string>();
      deletedDuringList = deleted;
      return {
        item: (watched) => {
          const key = keyOf(watched);
          seen.add(key);
          const deletedAt = deleted.get(key);
          if (deletedAt !== undefined && !isNewer(watched, deletedAt)) return null;
          const present = known.get(key);
          if (present !== undefined && !isNewer(watched, present.resourceVersion)) return null;
          return { type: 'changed', ...watched };
        },
        finish: () => {
          deletedDuringList = null;
          floor = newerResourceVersion(floor, listVersion);
          resumeAt = newerResourceVersion(resumeAt ?? '0', listVersion);
          return [...known.entries()]
            .filter(([key, object]) => !seen.has(key) && !isNewer(object, listVersion))
            .sort(([left], [right]) => (left < right ? -1 : 1))
            .map(([, object]) => ({
              ...object,
              type: 'deleted' as const,
              resourceVersion: listVersion,
              object: null,
            }));
        },
      };
    },
    resumeVersion: () => resumeAt,
    advance: (resourceVersion) => {
      resumeAt = newerResourceVersion(resumeAt ?? '0', resourceVersion);
    },
    rewind: () => {
      for (const [key, object] of known) known.set(key, { ...object, resourceVersion: '0' });
      floor = '0';
      resumeAt = null;
    },
    count: () => known.size,
  };
}

function isNewer(object: { readonly resourceVersion: string }, resourceVersion: string): boolean {
  return compareResourceVersions(object.resourceVersion, resourceVersion) > 0;
}

/** No name or namespace contains a slash. */
function keyOf(object: { readonly namespace: string; readonly name: string }): string {
  return `${object.namespace}/${object.name}`;
}
