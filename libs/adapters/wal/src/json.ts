/** Guards for the JSON in our own files: it was checked by checksum, but maybe a bug wrote it. */
import type { Configuration, Member, SnapshotDescription } from '@windlass/raft';

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSnapshotDescription(value: unknown): value is SnapshotDescription {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value['index']) &&
    Number.isSafeInteger(value['term']) &&
    isConfiguration(value['configuration'])
  );
}

function isConfiguration(value: unknown): value is Configuration {
  return (
    isRecord(value) &&
    isIds(value['voters']) &&
    isIds(value['outgoing']) &&
    isIds(value['learners']) &&
    Array.isArray(value['members']) &&
    value['members'].every(isMember)
  );
}

function isIds(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each));
}

function isMember(value: unknown): value is Member {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value['id']) &&
    typeof value['name'] === 'string' &&
    typeof value['address'] === 'string'
  );
}
