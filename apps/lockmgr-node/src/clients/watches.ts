/**
 * The streams that tell of changes: Watch (events of locks) and Observe (who leads an election).
 * Every node serves them from what it has applied, in the order of the log.
 */
import { create } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { IndexedEvents } from '@windlass/lock-replica';
import { LockCode, LockScope } from '@windlass/lock-wire';
import {
  type ObserveRequest,
  type ObserveResponse,
  ObserveResponseSchema,
  type WatchRequest,
  type WatchResponse,
  WatchResponseSchema,
} from '@windlass/proto/lock/v1';
import { LockFailure } from '../node/lock-failure.ts';
import type { EventHistory } from './event-history.ts';
import type { LockCalls } from './lock-calls.ts';
import { integer, scopeOf } from './lock-messages.ts';
import { toServiceError } from './service-error.ts';

/** An idle watch says so often that it's alive, and where to resume. */
const signOfLifeMs = 10_000;

/** A watcher that doesn't read is let go when so many responses wait for it. */
const unreadBytesMax = 4 * 1024 * 1024;

type Cleanup = () => void;

export class Watches {
  readonly #calls: LockCalls;
  readonly #history: EventHistory;

  constructor(calls: LockCalls, history: EventHistory) {
    this.#calls = calls;
    this.#history = history;
  }

  watch(stream: ServerWritableStream<WatchRequest, WatchResponse>): void {
    const { afterIndex, prefix, scope } = stream.request;
    checkScope(scope);
    const { node } = this.#calls.member();
    let index = integer('after_index', afterIndex);
    const appliedIndex = node.replica.machine.appliedIndex;
    const send = (events: IndexedEvents, gap: boolean) => {
      index = Math.max(index, events.index);
      const matching = events.events.filter(({ key }) => key.startsWith(prefix));
      if (matching.length === 0 && !gap) return;
      write(stream, responseOf(events.index, matching, gap));
    };
    if (index === 0) index = appliedIndex;
    const { events, gap } = this.#history.after(index);
    if (gap) write(stream, responseOf(index, [], true));
    for (const each of events) send(each, false);
    const stopListening = node.onEvents((each) => {
      if (each.index > index) send(each, false);
    });
    const alive = setInterval(() => {
      index = Math.max(index, node.replica.machine.appliedIndex);
      write(stream, responseOf(index, [], false));
    }, signOfLifeMs);
    whenGone(stream, () => {
      stopListening();
      clearInterval(alive);
    });
  }

  observe(stream: ServerWritableStream<ObserveRequest, ObserveResponse>): void {
    const { election, scope } = stream.request;
    checkScope(scope);
    const { node } = this.#calls.member();
    let term = -1;
    let value: Uint8Array = noBytes;
    const tell = () => {
      const holder = node.replica.machine.get(election)?.holders[0];
      const now = holder?.token ?? 0;
      const shown = holder?.metadata ?? noBytes;
      if (now === term && Buffer.compare(shown, value) === 0) return;
      term = now;
      value = shown;
      const sessionId = BigInt(holder?.sessionId ?? 0);
      write(stream, create(ObserveResponseSchema, { term: BigInt(now), sessionId, value }));
    };
    tell();
    const stopListening = node.onEvents(({ events }) => {
      if (events.some(({ key }) => key === election)) tell();
    });
    whenGone(stream, stopListening);
  }
}

const noBytes = new Uint8Array(0);

function responseOf(index: number, events: IndexedEvents['events'], gap: boolean): WatchResponse {
  return create(WatchResponseSchema, {
    index: BigInt(index),
    gap,
    events: events.map(({ key, kind, metadata, sessionId, token }) => ({
      key,
      kind,
      metadata,
      sessionId: BigInt(sessionId),
      token: BigInt(token),
    })),
  });
}

function checkScope(scope: number): void {
  if (scopeOf(scope) !== LockScope.Global) return;
  throw new LockFailure(LockCode.Unimplemented, 'scope: GLOBAL is not served here');
}

function write<Response>(
  stream: ServerWritableStream<unknown, Response>,
  response: Response,
): void {
  if (stream.destroyed) return;
  if (stream.writableLength > unreadBytesMax) {
    const message = 'unreadBytesMax: the events are not read';
    stream.emit('error', toServiceError(new LockFailure(LockCode.ResourceExhausted, message)));
    return;
  }
  stream.write(response);
}

function whenGone(stream: ServerWritableStream<unknown, unknown>, cleanup: Cleanup): void {
  stream.once('cancelled', cleanup);
  stream.once('error', cleanup);
  stream.once('close', cleanup);
}
