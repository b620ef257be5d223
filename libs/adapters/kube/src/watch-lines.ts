/** Splits a watch's bytes into lines and lines into events. No I/O. */
import { fail, ok, type Result } from '@windlass/base';
import {
  type CallSubject,
  errorFromStatus,
  type KubeError,
  type KubeStatus,
} from './kube-error.ts';
import type { KubeObject } from './objects.ts';

export type WatchedObject = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly object: KubeObject;
};

export type WatchEvent =
  | { readonly type: 'changed' | 'deleted'; readonly watched: WatchedObject }
  /** Nothing else has happened up to this version. */
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  /** The API server ends the watch, and says why. */
  | { readonly type: 'error'; readonly error: KubeError };

/** The line is no watch event: it was cut, or comes from something in between. */
export type MalformedLine = { readonly message: string };

/** Longest line: an object is at most 1.5 MiB in etcd (its default), JSON escapes and all doubled. */
export const lineBytesMax = 4 * 1024 * 1024;

const newline = 0x0a;

/**
 * Takes chunks as they come from the socket, however they are cut, and gives whole lines. What
 * follows the last line break is kept, and forgotten when the stream ends inside a line.
 */
export function createLineSplitter(
  bytesMax: number = lineBytesMax,
): (chunk: Buffer) => Result<readonly string[], MalformedLine> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  return (chunk) => {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, end);
      const line = pendingBytes === 0 ? tail : Buffer.concat([...pending, tail]);
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.length > bytesMax) return tooLong(bytesMax);
      if (line.length > 0) lines.push(line.toString('utf8'));
    }
    if (start < chunk.length) {
      pending.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
    }
    return pendingBytes > bytesMax ? tooLong(bytesMax) : ok(lines);
  };
}

function tooLong(bytesMax: number): Result<never, MalformedLine> {
  return fail({ message: `a line of the watch is longer than ${bytesMax} bytes` });
}

/** As it comes: everything about it has to be looked at before it's relied on. */
type RawEvent = {
  readonly type?: unknown;
  readonly object?: (Partial<KubeObject> & KubeStatus) | null;
} | null;

/** Null for a type of event that this version doesn't know: newer servers may send more. */
export function parseWatchLine(
  subject: CallSubject,
  line: string,
): Result<WatchEvent | null, MalformedLine> {
  let raw: RawEvent;
  try {
    raw = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fail({ message: 'a line of the watch is not JSON' });
  }
  const object = raw?.object;
  if (typeof raw?.type !== 'string' || typeof object !== 'object' || object === null) {
    return fail({ message: 'a line of the watch is no event' });
  }
  switch (raw.type) {
    case 'ADDED':
    case 'MODIFIED':
      return withObject('changed', object);
    case 'DELETED':
      return withObject('deleted', object);
    case 'BOOKMARK': {
      const resourceVersion = object.metadata?.resourceVersion;
      if (!resourceVersion) return fail({ message: 'a bookmark without a resource version' });
      return ok({ type: 'bookmark', resourceVersion });
    }
    case 'ERROR': {
      const fallback = { retryAfterMs: null, text: 'the watch ended with an error' };
      const error = errorFromStatus(subject, 500, object, fallback);
      return ok({ type: 'error', error });
    }
    default:
      return ok(null);
  }
}

/** What a list's item or an event's object says of itself; null where it lacks a part. */
export function watchedObject(object: Partial<KubeObject>): WatchedObject | null {
  const { metadata } = object;
  const { namespace = '', name, uid, resourceVersion } = metadata ?? {};
  if (!metadata || !name || !uid || !resourceVersion) return null;
  return { namespace, name, uid, resourceVersion, object: { ...object, metadata } };
}

function withObject(
  type: 'changed' | 'deleted',
  object: Partial<KubeObject>,
): Result<WatchEvent, MalformedLine> {
  const watched = watchedObject(object);
  if (watched === null) return fail({ message: 'an event without name, uid or resource version' });
  return ok({ type, watched });
}
