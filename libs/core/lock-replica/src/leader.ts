/**
 * What a node does for clients while it leads, from the moment when it has applied the first entry
 * of its own term. Everything in here is lost with the leadership, and may be: what was promised
 * is in the log.
 *
 * In: frames and calls of clients, applied entries, confirmed reads, time. Out: commands for the
 * log, and answers in the outbox. Applied entries come back in leader-results.ts.
 */
import type { LockMachine } from '@windlass/lock-machine';
import {
  anonymousSequenceMin,
  encodeCommands,
  type Hello,
  LockCode,
  type Operation,
  OperationKind,
  type SessionRequestFrame,
  waitForever,
} from '@windlass/lock-wire';
import { ProposalRefusal, type Raft } from '@windlass/raft';
import {
  addCommand,
  type Batch,
  entryBytesMax,
  newBatch,
  type OpenWaiter,
  operationBytes,
  type ReadWaiter,
} from './batch.ts';
import { Deadlines } from './deadlines.ts';
import type { Outbox } from './outbox.ts';
import type { Routes, StreamState } from './routes.ts';
import { Renewal, SessionClock } from './session-clock.ts';
import type { CallId, CallRequest, ReplicaSettings } from './types.ts';

/**
 * How long a wait outlives the connection that it came by: long enough for a client to find the
 * next leader, short enough that a client which is gone doesn't hold up the queue.
 */
export const graceMaxMs = 5_000;

export type LeaderTimer =
  | {
      readonly kind: 'wait';
      readonly sessionId: number;
      readonly sequence: number;
      readonly code: LockCode;
    }
  | { readonly kind: 'grace'; readonly sessionId: number };

export type LeaderParts = {
  readonly raft: Raft;
  readonly routes: Routes;
  readonly outbox: Outbox;
  readonly settings: ReplicaSettings;
};

export class Leader {
  readonly term: number;
  readonly clock = new SessionClock();
  readonly timers = new Deadlines<LeaderTimer>();
  /** Proposed and not applied, by log index. */
  readonly proposed = new Map<number, Batch>();
  /** Reads under way that aren't tied to an entry, by read id. */
  readonly reads = new Map<number, readonly ReadWaiter[]>();
  /** Membership changes under way: answered once a configuration at or after the index is settled. */
  readonly membershipCalls: { readonly call: CallId; readonly index: number }[] = [];
  readonly #parts: LeaderParts;
  /** Full batches that come before the current one. */
  #full: Batch[] = [];
  #batch = newBatch();
  /** Operations that came and aren't applied. */
  #inflight = 0;
  #anonymous = 0;

  constructor(parts: LeaderParts, machine: LockMachine, term: number, nowMs: number) {
    this.#parts = parts;
    this.term = term;
    this.clock.begin(machine.sessions(), nowMs);
    for (const session of machine.sessions()) {
      if (session.waitCount > 0) this.startGrace(session.sessionId, session.ttlMs, nowMs);
    }
  }

  /** A frame of a client's stream. */
  frame(stream: StreamState, frame: SessionRequestFrame, nowMs: number): void {
    const { hello } = frame;
    if (hello !== null && !this.#greet(stream, hello)) return;
    const { sessionId } = stream;
    if (sessionId === 0) {
      const message = 'hello: the first frame must have one';
      this.#parts.outbox.end(stream.id, LockCode.Invalid, message);
      return;
    }
    if (hello === null || hello.sessionId !== 0) {
      const renewal = this.clock.heard(sessionId, nowMs);
      if (renewal === Renewal.Log) this.command({ kind: 'session-heard', sessionId });
    }
    this.#batch.reads.push({
      kind: 'stream-renewal',
      stream: stream.id,
      sessionId,
      frame: frame.frame,
    });
    for (const operation of frame.operations) {
      if (this.#isFull()) {
        this.#refuseOperation(stream, operation);
        continue;
      }
      this.#operate(sessionId, operation, frame.acknowledgedSequence, nowMs);
    }
  }

  /** A unary call, but for those that the replica itself answers. */
  call(call: CallId, request: CallRequest, nowMs: number): void {
    switch (request.kind) {
      case 'open': {
        const sessionId = this.#parts.settings.newSessionId();
        const { ttlMs, clientName } = request;
        this.#open(sessionId, ttlMs, clientName, { kind: 'call', call });
        return;
      }
      case 'renew': {
        const { sessionId } = request;
        if (this.clock.heard(sessionId, nowMs) === Renewal.Log) {
          this.command({ kind: 'session-heard', sessionId });
        }
        this.#batch.reads.push({ kind: 'call-renewal', call, sessionId });
        return;
      }
      case 'operation':
        this.#callOperation(call, request.sessionId, request.operation, nowMs);
        return;
      case 'get':
        this.#batch.reads.push({ kind: 'get', call, key: request.key });
        return;
      case 'validate':
        this.#batch.reads.push({
          kind: 'validate',
          call,
          key: request.key,
          token: request.token,
        });
        return;
      case 'barrier':
        this.#batch.reads.push({ kind: 'barrier', call });
        return;
      case 'force-release': {
        const { key, token, actor, reason } = request;
        this.command({ kind: 'force-release', key, token, actor, reason });
        this.#batch.forceReleases.push(call);
        return;
      }
      case 'change-members': {
        const proposed = this.#parts.raft.proposeConfiguration(request.changes);
        if (proposed.ok) this.membershipCalls.push({ call, index: proposed.value.index });
        else this.#refuseProposal(call, proposed.error);
        return;
      }
      case 'transfer': {
        const target = this.#parts.raft.transferLeadership(request.to);
        if (target.ok) {
          this.#parts.outbox.answer(call, { kind: 'transferring', to: target.value });
        } else this.#refuseProposal(call, target.error);
        return;
      }
      default:
        request satisfies never;
    }
  }

  /** The caller doesn't wait any more: its place in the queue ends, after the grace if it may
   * come back with the same sequence. */
  cancelled(sessionId: number, sequence: number, nowMs: number): void {
    if (sequence >= anonymousSequenceMin) {
      this.command({ kind: 'end-wait', sessionId, sequence, code: LockCode.Cancelled });
      return;
    }
    const ttlMs = this.clock.ttlMs(sessionId) ?? 0;
    const code = LockCode.Cancelled;
    this.timers.add(nowMs + graceMs(ttlMs), { kind: 'wait', sessionId, sequence, code });
  }

  startGrace(sessionId: number, ttlMs: number, nowMs: number): void {
    this.timers.add(nowMs + graceMs(ttlMs), { kind: 'grace', sessionId });
  }

  /** What time brings: silences, expiries, waits that are over. */
  due(machine: LockMachine, nowMs: number): void {
    for (const finding of this.clock.due(nowMs)) {
      const { sessionId } = finding;
      const session = machine.session(sessionId);
      if (session === null) {
        this.clock.closed(sessionId);
        continue;
      }
      const { term } = this;
      const { lastIndex } = session;
      if (finding.kind === 'expire') {
        this.command({ kind: 'expire-session', sessionId, lastIndex, term });
      } else {
        const { remainingMs } = finding;
        this.command({ kind: 'session-silent', sessionId, remainingMs, lastIndex, term });
      }
    }
    for (const timer of this.timers.due(nowMs)) this.#fire(timer, machine, nowMs);
  }

  /** A command that nobody waits for. */
  command(command: Parameters<typeof addCommand>[1]): void {
    addCommand(this.#batch, command);
  }

  /**
   * Brings what has collected into the log, and asks for a confirmation where only reads have.
   * While `hold`, commands go on collecting; so they do while Raft takes none (too much is
   * uncommitted, or the leadership is being handed over).
   */
  flush(hold: boolean): void {
    const batch = this.#batch;
    const { raft } = this.#parts;
    if (batch.commands.length === 0) {
      // A batch is started by its first operation: there is no full one before an empty one.
      if (batch.reads.length === 0) return;
      const readId = raft.readIndex();
      if (!readId.ok) return;
      this.reads.set(readId.value, batch.reads);
      this.#batch = newBatch();
      return;
    }
    if (hold) return;
    const batches = [...this.#full, batch];
    const proposed = raft.propose(batches.map(({ commands }) => encodeCommands(commands)));
    if (!proposed.ok) return;
    batches.forEach((each, at) => {
      this.proposed.set(proposed.value.firstIndex + at, each);
    });
    this.#full = [];
    this.#batch = newBatch();
  }

  /** True if something waits for the next flush. */
  hasCollected(): boolean {
    return this.#batch.commands.length > 0 || this.#batch.reads.length > 0;
  }

  /** The batch of an applied entry, or null if it isn't one of this leadership. */
  takeProposed(index: number): Batch | null {
    const batch = this.proposed.get(index);
    if (batch === undefined) return null;
    this.proposed.delete(index);
    this.#inflight -= batch.operationCount;
    return batch;
  }

  /** All batches that will not be answered: the leadership is over. */
  abandoned(): readonly Batch[] {
    return [...this.proposed.values(), ...this.#full, this.#batch];
  }

  /** False: the frame isn't looked at further. */
  #greet(stream: StreamState, hello: Hello): boolean {
    const { outbox, routes, settings } = this.#parts;
    if (stream.sessionId !== 0) {
      outbox.end(stream.id, LockCode.Invalid, 'hello: only the first frame may have one');
      return false;
    }
    if (hello.sessionId === 0) {
      const sessionId = settings.newSessionId();
      const { clientName, ttlMs } = hello;
      this.#open(sessionId, ttlMs, clientName, { kind: 'stream', stream: stream.id });
      routes.attach(stream, sessionId);
      return true;
    }
    const previous = routes.attach(stream, hello.sessionId);
    if (previous !== null) {
      outbox.end(previous.id, LockCode.Cancelled, 'the session goes on in another stream');
    }
    const { sessionId } = hello;
    this.#batch.reads.push({ kind: 'resume', stream: stream.id, sessionId });
    return this.clock.ttlMs(sessionId) !== null;
  }

  #open(sessionId: number, ttlMs: number, clientName: string, waiter: OpenWaiter): void {
    this.command({ kind: 'open-session', sessionId, ttlMs: this.#ttl(ttlMs), clientName });
    this.#batch.openWaiters.set(sessionId, waiter);
  }

  #operate(
    sessionId: number,
    operation: Operation,
    acknowledgedSequence: number,
    nowMs: number,
  ): void {
    if (this.#batch.bytes >= entryBytesMax) {
      this.#full.push(this.#batch);
      this.#batch = newBatch();
    }
    const batch = this.#batch;
    batch.bytes += operationBytes(operation);
    batch.commands.push({ kind: 'operation', sessionId, operation, acknowledgedSequence });
    batch.operationCount += 1;
    this.#inflight += 1;
    if (operation.kind !== OperationKind.Acquire || operation.waitMs === 0) return;
    const deadlineMs =
      operation.waitMs === waitForever ? Number.POSITIVE_INFINITY : nowMs + operation.waitMs;
    batch.waits.push({ sessionId, sequence: operation.sequence, deadlineMs });
  }

  #callOperation(call: CallId, sessionId: number, operation: Operation, nowMs: number): void {
    const { outbox, routes } = this.#parts;
    if (this.#isFull()) {
      outbox.refuse(call, LockCode.ResourceExhausted, inflightMessage);
      return;
    }
    if (this.clock.heard(sessionId, nowMs) === Renewal.Log) {
      this.command({ kind: 'session-heard', sessionId });
    }
    const numbered =
      operation.sequence === 0 ? { ...operation, sequence: this.#anonymousSequence() } : operation;
    const previous = routes.addCall(call, sessionId, numbered.sequence);
    if (previous !== null) {
      outbox.refuse(previous, LockCode.Cancelled, 'the operation was repeated by another call');
    }
    this.#operate(sessionId, numbered, 0, nowMs);
  }

  #fire(timer: LeaderTimer, machine: LockMachine, nowMs: number): void {
    const { routes } = this.#parts;
    const { sessionId } = timer;
    switch (timer.kind) {
      case 'wait': {
        const { sequence, code } = timer;
        if (!machine.isWaiting(sessionId, sequence)) return;
        const returned = code === LockCode.Cancelled && this.#isAttended(sessionId, sequence);
        if (!returned) this.command({ kind: 'end-wait', sessionId, sequence, code });
        return;
      }
      case 'grace': {
        if (routes.streamOf(sessionId) !== null) return;
        const session = machine.session(sessionId);
        if (session === null || session.waitCount === 0) return;
        if (routes.hasCalls(sessionId)) this.startGrace(sessionId, session.ttlMs, nowMs);
        else this.command({ kind: 'end-wait', sessionId, sequence: 0, code: LockCode.Cancelled });
        return;
      }
      default:
        timer satisfies never;
    }
  }

  #isAttended(sessionId: number, sequence: number): boolean {
    const { routes } = this.#parts;
    return routes.callOf(sessionId, sequence) !== null || routes.streamOf(sessionId) !== null;
  }

  #isFull(): boolean {
    return this.#inflight >= this.#parts.settings.inflightOperationsMax;
  }

  #refuseOperation(stream: StreamState, operation: Operation): void {
    stream.results.push({
      sequence: operation.sequence,
      code: LockCode.ResourceExhausted,
      token: 0,
      lastExclusiveToken: 0,
      holdCount: 0,
      position: 0,
      message: inflightMessage,
    });
    this.#parts.routes.touch(stream);
  }

  #refuseProposal(call: CallId, refusal: ProposalRefusal): void {
    const code =
      refusal === ProposalRefusal.InvalidConfiguration ? LockCode.Invalid : LockCode.Unavailable;
    this.#parts.outbox.refuse(call, code, refusal);
  }

  #ttl(ttlMs: number): number {
    return ttlMs === 0 ? this.#parts.settings.ttlDefaultMs : ttlMs;
  }

  /** Differs from those of other leaders whose waits may still be in the queue. */
  #anonymousSequence(): number {
    this.#anonymous = (this.#anonymous + 1) % 2 ** 32;
    return anonymousSequenceMin + (this.term % 2 ** 19) * 2 ** 32 + this.#anonymous;
  }
}

const inflightMessage = 'inflightOperationsMax: too many operations are waiting for their entry';

function graceMs(ttlMs: number): number {
  return Math.min(ttlMs, graceMaxMs);
}
