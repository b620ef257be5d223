/**
 * Which versions this process has recorded itself, so that the event of its own write costs no
 * reading. Bounded: the least recently recorded is forgotten, which costs a reading again.
 */
import { compareResourceVersions } from '@windlass/kube';

export type RecordedVersions = {
  /** The row shows this version, or a newer one. Call after the row was written. */
  readonly note: (namespace: string, name: string, resourceVersion: string) => void;
  /** True where this version, or a newer one, is known to be recorded. */
  readonly covers: (namespace: string, name: string, resourceVersion: string) => boolean;
};

/** Some 100 bytes each: 1 MB. More than what is applied between a write and its event. */
const entriesMax = 10_000;

export function createRecordedVersions(): RecordedVersions {
  const versions = new Map<string, string>();
  return {
    note: (namespace, name, resourceVersion) => {
      const key = `${namespace}/${name}`;
      const known = versions.get(key);
      versions.delete(key);
      const isNewer = known === undefined || compareResourceVersions(resourceVersion, known) > 0;
      versions.set(key, isNewer ? resourceVersion : known);
      if (versions.size <= entriesMax) return;
      const oldest = versions.keys().next();
      if (oldest.done !== true) versions.delete(oldest.value);
    },
    covers: (namespace, name, resourceVersion) => {
      const known = versions.get(`${namespace}/${name}`);
      return known !== undefined && compareResourceVersions(known, resourceVersion) >= 0;
    },
  };
}
