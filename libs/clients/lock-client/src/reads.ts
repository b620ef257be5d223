/** Everything that needs no session: looking at locks, following them, and taking them away. */
import { fromBinary } from '@bufbuild/protobuf';
import {
  LockService,
  type ObserveResponse,
  ObserveResponseSchema,
  WatchResponseSchema,
} from '@windlass/proto/lock/v1';
import { callNode, messageBytes, type NodeCalls, pathOf } from './call-node.ts';
import { follow } from './follow.ts';
import { watchSilenceMs } from './session/limits.ts';
import { type LockEvent, type LockView, lockEventOf, lockViewOf } from './views.ts';

const { forceRelease, get, list, observe, validate, watch } = LockService.method;

export type LockReading = {
  /** Without holders and waiters where nobody uses it. */
  readonly lock: LockView;
  /** Index of the log at which that was so: a watch may begin there. */
  readonly index: number;
};

export type ListOptions = {
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** 1 to 1,000, 100 by default. */
  readonly pageSize?: number;
};

export type LockPage = {
  /** In the order of their keys. */
  readonly locks: readonly LockView[];
  /** Index of the log at the beginning of the page. */
  readonly index: number;
};

export type WatchOptions = {
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** Events after this index of the log. Absent: after the call. */
  readonly afterIndex?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
};

export type WatchItem =
  | {
      readonly kind: 'events';
      /** Where to resume after them. */
      readonly index: number;
      readonly events: readonly LockEvent[];
    }
  /** Events up to the index are lost, older than the nodes keep: read again with list(). */
  | { readonly kind: 'gap'; readonly index: number };

/** Who leads, or that nobody does. */
export type ObservedLeader = {
  /** 0: nobody. */
  readonly term: number;
  readonly sessionId: number;
  readonly value: Uint8Array;
  readonly text: string;
};

export type Validity = { readonly valid: boolean; readonly lastExclusiveToken: number };

export type ForceReleaseOptions = {
  /** Only the hold with this token. Absent: all holds of the lock. */
  readonly token?: number;
  /** For the audit log; 1 to 1,024 bytes. */
  readonly reason: string;
};

export async function readLock(calls: NodeCalls, key: string): Promise<LockReading> {
  const { index, lock } = await callNode(calls, get, { key });
  const none = { mode: 1, limit: 0, holders: [], waiters: [], holderCount: 0, waiterCount: 0 };
  return {
    lock: lock === undefined ? { ...none, key, mode: 'exclusive' } : lockViewOf(lock),
    index: Number(index),
  };
}

export async function* listLocks(
  calls: NodeCalls,
  { pageSize = 0, prefix = '' }: ListOptions,
): AsyncGenerator<LockPage, void, undefined> {
  let pageToken = '';
  do {
    const page = await callNode(calls, list, { prefix, pageSize, pageToken });
    pageToken = page.nextPageToken;
    yield { locks: page.locks.map(lockViewOf), index: Number(page.index) };
  } while (pageToken !== '');
}

/** Events come once each and in order, whatever happens to connections and nodes. */
export async function* watchLocks(
  calls: NodeCalls,
  options: WatchOptions,
): AsyncGenerator<WatchItem, void, undefined> {
  const { prefix = '', signal } = options;
  // A definite beginning, so that a connection which breaks before its first message loses nothing.
  let index = options.afterIndex ?? (await currentIndex(calls, prefix));
  const messages = follow(calls, {
    path: pathOf(watch),
    request: () => messageBytes(watch.input, { prefix, afterIndex: BigInt(index) }),
    silenceMs: watchSilenceMs,
    signal,
  });
  for await (const bytes of messages) {
    const response = fromBinary(WatchResponseSchema, bytes);
    const { events, gap } = response;
    index = Math.max(index, Number(response.index));
    if (gap) yield { kind: 'gap', index };
    if (events.length > 0) yield { kind: 'events', index, events: events.map(lockEventOf) };
  }
}

/** The present leader first, then each change of leader or value. */
export async function* observeLeader(
  calls: NodeCalls,
  election: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObservedLeader, void, undefined> {
  const messages = follow(calls, {
    path: pathOf(observe),
    request: () => messageBytes(observe.input, { election }),
    // Who leads for a year says nothing for a year; the connection's own pings find a dead one.
    silenceMs: Number.POSITIVE_INFINITY,
    signal,
  });
  let last: ObserveResponse | null = null;
  for await (const bytes of messages) {
    const response = fromBinary(ObserveResponseSchema, bytes);
    // Another node may begin with what is known already, or lag behind.
    if (last !== null && isKnown(last, response)) continue;
    last = response;
    const { sessionId, term, value } = response;
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
    yield { term: Number(term), sessionId: Number(sessionId), value, text };
  }
}

export async function validateToken(
  calls: NodeCalls,
  key: string,
  token: number,
): Promise<Validity> {
  const answer = await callNode(calls, validate, { key, token: BigInt(token) });
  return { valid: answer.valid, lastExclusiveToken: Number(answer.lastExclusiveToken) };
}

/** Returns how many holds were ended. */
export async function forceReleaseLock(
  calls: NodeCalls,
  key: string,
  { reason, token = 0 }: ForceReleaseOptions,
): Promise<number> {
  const request = { key, token: BigInt(token), reason };
  // Repeated without a token, it could hit whoever got the lock after the first time.
  const { released } = await callNode(calls, forceRelease, request, token !== 0);
  return released;
}

async function currentIndex(calls: NodeCalls, prefix: string): Promise<number> {
  return Number((await callNode(calls, list, { prefix, pageSize: 1 })).index);
}

function isKnown(last: ObserveResponse, now: ObserveResponse): boolean {
  if (now.term !== 0n && now.term < last.term) return true;
  return now.term === last.term && Buffer.compare(now.value, last.value) === 0;
}
