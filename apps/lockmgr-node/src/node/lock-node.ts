/**
 * A running node: the replica with its loop, and who waits for its answers. What speaks gRPC
 * (clients/, peers/, operations/) talks to the replica through this.
 */
import { assert } from '@windlass/base';
import type {
  CallAnswer,
  CallRequest,
  IndexedEvents,
  LockReplica,
  ReplicaNotice,
  ReplicaOutput,
  StreamEnd,
} from '@windlass/lock-replica';
import type { SessionRequestFrame, SessionResponseFrame } from '@windlass/lock-wire';
import type { NodeLoop } from './node-loop.ts';

/** What the node hands to one Session stream. */
export type StreamSink = {
  readonly frame: (frame: SessionResponseFrame) => void;
  readonly end: (end: StreamEnd) => void;
};

export class LockNode {
  readonly replica: LockReplica;
  readonly #streams = new Map<number, StreamSink>();
  readonly #calls = new Map<number, (answer: CallAnswer) => void>();
  readonly #eventListeners = new Set<(events: IndexedEvents) => void>();
  readonly #noticeListeners = new Set<(notice: ReplicaNotice) => void>();
  #loop: NodeLoop | null = null;
  #ids = 0;

  constructor(replica: LockReplica) {
    this.replica = replica;
  }

  /** The loop that turns the replica; set once, before the first stream or call. */
  attach(loop: NodeLoop): void {
    assert(this.#loop === null, 'a node has one loop');
    this.#loop = loop;
  }

  wake(): void {
    this.#loop?.wake();
  }

  /** A new Session stream: its id. */
  connect(sink: StreamSink): number {
    const id = this.#nextId();
    this.#streams.set(id, sink);
    this.replica.connect(id);
    return id;
  }

  frame(stream: number, frame: SessionRequestFrame): void {
    if (!this.#streams.has(stream)) return;
    this.replica.frame(stream, frame);
    this.wake();
  }

  disconnect(stream: number): void {
    if (!this.#streams.delete(stream)) return;
    this.replica.disconnect(stream);
    this.wake();
  }

  /** The answer comes in a later turn. Returns how to say that nobody waits any more. */
  call(request: CallRequest, answered: (answer: CallAnswer) => void): () => void {
    const id = this.#nextId();
    this.#calls.set(id, answered);
    this.replica.call(id, request);
    this.wake();
    return () => {
      if (!this.#calls.delete(id)) return;
      this.replica.cancelCall(id);
      this.wake();
    };
  }

  /** Events of each applied entry, in order; returns how to stop. */
  onEvents(listener: (events: IndexedEvents) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onNotice(listener: (notice: ReplicaNotice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  /** Hands out what a turn gave. */
  handOut(output: ReplicaOutput): void {
    for (const { frame, stream } of output.frames) this.#streams.get(stream)?.frame(frame);
    for (const end of output.ends) {
      const sink = this.#streams.get(end.stream);
      if (sink === undefined) continue;
      this.disconnect(end.stream);
      sink.end(end);
    }
    for (const { answer, call } of output.answers) {
      const resolve = this.#calls.get(call);
      this.#calls.delete(call);
      resolve?.(answer);
    }
    for (const events of output.events) for (const listen of this.#eventListeners) listen(events);
    for (const notice of output.notices) for (const listen of this.#noticeListeners) listen(notice);
  }

  #nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }
}
