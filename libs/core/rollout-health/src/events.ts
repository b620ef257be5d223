import { compareText } from './newest-pods.ts';
import type { EventObject, ReplicaSetObject } from './objects.ts';

export type Warning = { readonly reason: string; readonly message: string };

/** The latest warning about an object whose reason passes the filter; null: there is none. */
export function newestWarning(
  about: ReplicaSetObject,
  events: readonly EventObject[],
  wanted: (reason: string) => boolean = () => true,
): Warning | null {
  const uid = about.metadata?.uid;
  const newestFirst = events
    .filter((event) => event.type === 'Warning' && wanted(event.reason ?? ''))
    .filter((event) => uid !== undefined && event.involvedObject?.uid === uid)
    .toSorted(
      (left, right) =>
        seenAtMs(right) - seenAtMs(left) ||
        compareText(left.reason ?? '', right.reason ?? '') ||
        compareText(left.message ?? '', right.message ?? ''),
    );
  const newest = newestFirst[0];
  if (newest?.reason === undefined) return null;
  return { reason: newest.reason, message: newest.message ?? newest.reason };
}

/** 0 where the event has no time at all. */
function seenAtMs(event: EventObject): number {
  const text =
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.metadata?.creationTimestamp;
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}
