/** Names of the files in a folder. Numbers have 16 digits, so that names sort as they do. */

const digits = 16;

export const lockName = 'lock';
export const markName = 'mark';
export const identityName = 'identity';
/** A received snapshot that the log doesn't speak of yet. */
export const receivedSuffix = '.received';

export function segmentName(number: number): string {
  return `segment-${padded(number)}`;
}

export function snapshotName(index: number, term: number): string {
  return `snapshot-${padded(index)}-${padded(term)}`;
}

/** The number of a segment's name; null for any other name. */
export function segmentNumber(name: string): number | null {
  const match = /^segment-(\d{16})$/.exec(name);
  return match === null ? null : Number(match[1]);
}

/** What a snapshot's name says; null for any other name. */
export function snapshotPlace(name: string): { index: number; term: number } | null {
  const match = /^snapshot-(\d{16})-(\d{16})$/.exec(name);
  return match === null ? null : { index: Number(match[1]), term: Number(match[2]) };
}

function padded(number: number): string {
  return String(number).padStart(digits, '0');
}
