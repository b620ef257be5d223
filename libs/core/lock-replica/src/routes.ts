/**
 * Who gets the answers of a session: its stream, or the unary calls that wait.
 */
import type { OperationResult, Revocation, Welcome } from '@windlass/lock-wire';
import type { CallId, StreamFrame, StreamId } from './types.ts';

export type StreamState = {
  readonly id: StreamId;
  /** 0 until its hello arrived. */
  sessionId: number;
  /** What its next frame will hold. */
  welcome: Welcome | null;
  results: OperationResult[];
  renewedFrame: number;
  revocations: Revocation[];
  dirty: boolean;
};

export class Routes {
  readonly #streams = new Map<StreamId, StreamState>();
  readonly #streamOfSession = new Map<number, StreamState>();
  /** Calls that wait for an operation's end: by session, then by sequence. */
  readonly #callsOfSession = new Map<number, Map<number, CallId>>();
  /** The other direction of the same calls. */
  readonly #waitingCalls = new Map<CallId, { sessionId: number; sequence: number }>();
  #dirty: StreamState[] = [];

  connect(id: StreamId): void {
    this.#streams.set(id, {
      id,
      sessionId: 0,
      welcome: null,
      results: [],
      renewedFrame: 0,
      revocations: [],
      dirty: false,
    });
  }

  stream(id: StreamId): StreamState | null {
    return this.#streams.get(id) ?? null;
  }

  streams(): Iterable<StreamState> {
    return this.#streams.values();
  }

  /** The stream speaks for the session from now on; returns the one that did so before. */
  attach(stream: StreamState, sessionId: number): StreamState | null {
    const previous = this.#streamOfSession.get(sessionId) ?? null;
    stream.sessionId = sessionId;
    this.#streamOfSession.set(sessionId, stream);
    return previous === stream ? null : previous;
  }

  streamOf(sessionId: number): StreamState | null {
    return this.#streamOfSession.get(sessionId) ?? null;
  }

  /** True if the session has lost its stream by this. */
  disconnect(id: StreamId): StreamState | null {
    const stream = this.#streams.get(id);
    if (stream === undefined) return null;
    this.#streams.delete(id);
    if (this.#streamOfSession.get(stream.sessionId) !== stream) return null;
    this.#streamOfSession.delete(stream.sessionId);
    return stream;
  }

  /** The call waits for the end of this operation; returns the call that it takes the place of. */
  addCall(call: CallId, sessionId: number, sequence: number): CallId | null {
    let calls = this.#callsOfSession.get(sessionId);
    if (calls === undefined) {
      calls = new Map();
      this.#callsOfSession.set(sessionId, calls);
    }
    const previous = calls.get(sequence) ?? null;
    if (previous !== null) this.#waitingCalls.delete(previous);
    calls.set(sequence, call);
    this.#waitingCalls.set(call, { sessionId, sequence });
    return previous;
  }

  /** The call that waits for this operation, or null. */
  callOf(sessionId: number, sequence: number): CallId | null {
    return this.#callsOfSession.get(sessionId)?.get(sequence) ?? null;
  }

  hasCalls(sessionId: number): boolean {
    return this.#callsOfSession.has(sessionId);
  }

  /** What the call waited for, or null if it waits for no operation. */
  removeCall(call: CallId): { readonly sessionId: number; readonly sequence: number } | null {
    const waiting = this.#waitingCalls.get(call);
    if (waiting === undefined) return null;
    this.#waitingCalls.delete(call);
    const calls = this.#callsOfSession.get(waiting.sessionId);
    calls?.delete(waiting.sequence);
    if (calls?.size === 0) this.#callsOfSession.delete(waiting.sessionId);
    return waiting;
  }

  /** Takes all calls that wait for operations. */
  takeCalls(): readonly CallId[] {
    const calls = [...this.#waitingCalls.keys()];
    this.#waitingCalls.clear();
    this.#callsOfSession.clear();
    return calls;
  }

  /** The stream has something to send in this turn. */
  touch(stream: StreamState): void {
    if (stream.dirty) return;
    stream.dirty = true;
    this.#dirty.push(stream);
  }

  /** One frame for each stream that has something to send. */
  takeFrames(): readonly StreamFrame[] {
    if (this.#dirty.length === 0) return noFrames;
    const frames: StreamFrame[] = [];
    for (const stream of this.#dirty) {
      stream.dirty = false;
      const { welcome, results, renewedFrame, revocations } = stream;
      stream.welcome = null;
      stream.results = [];
      stream.renewedFrame = 0;
      stream.revocations = [];
      if (!this.#streams.has(stream.id)) continue;
      frames.push({
        stream: stream.id,
        frame: { welcome, results, renewedFrame, revocations, redirect: null },
      });
    }
    this.#dirty = [];
    return frames;
  }
}

const noFrames: readonly StreamFrame[] = [];
