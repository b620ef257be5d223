/**
 * One session with the lock manager, over any number of streams: opens it when something is
 * wanted, keeps it alive, resumes it on the next leader, and knows when it is lost. No I/O and no
 * clock: the owner (client.ts) hands in time, frames and ends of streams, and carries out what the
 * port is asked for.
 *
 * Phases: idle → connecting ⇄ open ⇄ pausing → …; any → closed. A session exists from its welcome
 * until it is lost, whatever the phase.
 *
 * Next: operation-queue.ts, session-deadline.ts, address-plan.ts.
 */
import { assert } from '@windlass/base';
import {
  LockCode,
  type Operation,
  OperationKind,
  type OperationResult,
  type SessionResponseFrame,
} from '@windlass/lock-wire';
import { LockError } from '../lock-error.ts';
import type { AddressPlan } from './address-plan.ts';
import { closeDeadlineMs, failureBackoff, openPatienceMaxMs, silenceMs } from './limits.ts';
import { OperationQueue } from './operation-queue.ts';
import { CancelOperation, CloseOperation } from './own-operations.ts';
import { noticeMs, renewalIntervalMs, SessionDeadline } from './session-deadline.ts';
import { type SessionOperation, Stage } from './session-operation.ts';
import type { SessionPort, SessionSettings } from './session-port.ts';
import { isPassingRefusal, type StreamEnd, StreamVerdict, verdictOf } from './stream-end.ts';

/** A timer that is later than this: the process was paused, and what is in the sockets comes first. */
const pauseMs = 100;

const Phase = {
  /** No session is wanted. */
  Idle: 'idle',
  /** Waits until the next try. */
  Pausing: 'pausing',
  /** Hello is sent. */
  Connecting: 'connecting',
  /** Welcome has come. */
  Open: 'open',
  Closed: 'closed',
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

export class SessionEngine {
  readonly #port: SessionPort;
  readonly #settings: SessionSettings;
  readonly #plan: AddressPlan;
  readonly #queue = new OperationQueue();
  readonly #deadline = new SessionDeadline();
  #phase: Phase = Phase.Idle;
  /** 0: there is none. */
  #sessionId = 0;
  #ttlMs = 0;
  #frame = 0;
  #helloFrame = 0;
  #sentMs = 0;
  #heardMs = 0;
  /** Streams in a row that fell silent. */
  #silences = 0;
  #resumeAtMs = 0;
  #retryAtMs = Number.POSITIVE_INFINITY;
  #closeByMs = Number.POSITIVE_INFINITY;
  #isClosing = false;

  constructor(port: SessionPort, settings: SessionSettings, plan: AddressPlan) {
    this.#port = port;
    this.#settings = settings;
    this.#plan = plan;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get sessionId(): number {
    return this.#sessionId;
  }

  get address(): string {
    return this.#plan.current;
  }

  /** Operations without a final answer. */
  get pendingCount(): number {
    return this.#queue.size;
  }

  /** Until when what is held may be relied on; -Infinity without a session. */
  get reliableUntilMs(): number {
    if (this.#sessionId === 0) return Number.NEGATIVE_INFINITY;
    return noticeMs(this.#deadline.endMs(this.#ttlMs), this.#ttlMs);
  }

  /** Goes out with the next flush(). */
  submit(operation: SessionOperation): void {
    assert(this.#phase !== Phase.Closed, 'a closed session takes no operations');
    this.#queue.submit(operation);
  }

  /** Its caller waits no more. A lock that was granted meanwhile is released. */
  abandon(acquire: SessionOperation): void {
    if (this.#queue.find(acquire.sequence) !== acquire || acquire.isAbandoned) return;
    if (!acquire.wasSent) {
      this.#queue.remove(acquire);
      return;
    }
    acquire.isAbandoned = true;
    this.#queue.submit(new CancelOperation(acquire.sequence));
  }

  /** Sends what has collected. */
  flush(nowMs: number): void {
    if (!this.#isReliable(nowMs)) return;
    if (this.#phase === Phase.Idle && this.#queue.size > 0) this.#connect(nowMs);
    else this.#sendOutgoing(nowMs);
  }

  frame(frame: SessionResponseFrame, nowMs: number): void {
    if (this.#phase !== Phase.Connecting && this.#phase !== Phase.Open) return;
    this.#heardMs = nowMs;
    if (frame.welcome !== null) this.#welcome(frame.welcome.sessionId, frame.welcome.ttlMs);
    if (frame.renewedFrame > 0 && this.#sessionId !== 0) {
      this.#deadline.acknowledged(frame.renewedFrame);
      this.#silences = 0;
    }
    // Before anything of it is believed: the process may have been paused since it arrived.
    if (!this.#isReliable(nowMs)) return;
    for (const { code, key, token } of frame.revocations) this.#port.revoked(key, token, code);
    for (const result of frame.results) {
      if (this.#settle(result, nowMs)) continue;
      this.#plan.stay();
      this.#lose(new LockError('SessionExpired', 'the session has expired'), nowMs, 0);
      return;
    }
    if (frame.redirect !== null) {
      this.#pause(this.#plan.redirected(frame.redirect, nowMs), nowMs);
      return;
    }
    this.#sendOutgoing(nowMs);
  }

  /** The stream has ended, other than by disconnect(). */
  ended(end: StreamEnd, nowMs: number): void {
    if (this.#phase !== Phase.Connecting && this.#phase !== Phase.Open) return;
    const verdict = verdictOf(end);
    switch (verdict) {
      case StreamVerdict.Redirect:
        this.#pause(this.#plan.redirected(end.leaderAddress, nowMs), nowMs);
        return;
      case StreamVerdict.Expired: {
        const wasKnown = this.#sessionId !== 0;
        if (wasKnown) this.#plan.stay();
        const delayMs = wasKnown ? 0 : this.#plan.failed(false, nowMs);
        this.#lose(new LockError('SessionExpired', end.message, end.cause), nowMs, delayMs);
        return;
      }
      case StreamVerdict.Refused:
        this.#giveUp(new LockError(end.code ?? 'Unavailable', end.message, end.cause));
        return;
      case StreamVerdict.Broken:
        if (this.#isClosing && end.code === null && end.isRegular) this.#finish();
        else this.#pause(this.#plan.failed(false, nowMs), nowMs);
        return;
      default:
        verdict satisfies never;
    }
  }

  /** Looks after everything that is due. `dueMs` is when this call was due. */
  tick(nowMs: number, dueMs: number): void {
    if (this.#phase === Phase.Closed) return;
    if (nowMs >= this.#closeByMs) {
      this.#finish();
      return;
    }
    if (!this.#isReliable(nowMs)) return;
    if (nowMs - dueMs > pauseMs) this.#heardMs = nowMs;
    if (nowMs >= this.#retryAtMs) {
      this.#retryAtMs = Number.POSITIVE_INFINITY;
      this.#queue.retryRefused();
      this.#sendOutgoing(nowMs);
    }
    if (this.#phase === Phase.Pausing && nowMs >= this.#resumeAtMs) this.#proceed(nowMs);
    if (nowMs >= this.#silentAtMs()) {
      this.#silences += 1;
      this.#pause(this.#plan.failed(true, nowMs), nowMs);
    }
    if (nowMs >= this.#renewAtMs()) this.#send([], nowMs);
  }

  /** When tick() is to be called; Infinity if nothing will ever be due. */
  dueMs(): number {
    if (this.#phase === Phase.Closed) return Number.POSITIVE_INFINITY;
    return Math.min(
      this.#closeByMs,
      this.#retryAtMs,
      this.#phase === Phase.Pausing ? this.#resumeAtMs : Number.POSITIVE_INFINITY,
      this.#sessionId === 0 ? Number.POSITIVE_INFINITY : this.reliableUntilMs,
      this.#silentAtMs(),
      this.#renewAtMs(),
    );
  }

  /** Ends the session: what is submitted still goes out, then everything is released. */
  close(nowMs: number): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#port.lost(new LockError('Closed', 'the client is closed'));
    if (this.#sessionId === 0) {
      this.#finish();
      return;
    }
    this.#closeByMs = nowMs + closeDeadlineMs;
    this.#queue.submit(new CloseOperation());
    this.#sendOutgoing(nowMs);
  }

  #connect(nowMs: number): void {
    this.#phase = Phase.Connecting;
    this.#retryAtMs = Number.POSITIVE_INFINITY;
    this.#heardMs = nowMs;
    this.#port.connect(this.#plan.take());
    this.#queue.restart();
    this.#helloFrame = this.#frame + 1;
    // A session that was opened by a hello whose welcome got lost should hold nothing: what is
    // asked for goes with the hello only where the session is known.
    this.#send(this.#sessionId === 0 ? [] : this.#queue.takeFrame(nowMs), nowMs);
    this.#sendOutgoing(nowMs);
  }

  #send(operations: readonly Operation[], nowMs: number): void {
    this.#frame += 1;
    const frame = this.#frame;
    const { clientName, ttlMs } = this.#settings;
    const hello =
      frame === this.#helloFrame ? { sessionId: this.#sessionId, ttlMs, clientName } : null;
    this.#sentMs = nowMs;
    this.#deadline.sent(frame, nowMs);
    this.#port.send({
      hello,
      operations,
      acknowledgedSequence: this.#queue.acknowledged(),
      frame,
    });
  }

  #sendOutgoing(nowMs: number): void {
    if (this.#phase !== Phase.Open && this.#phase !== Phase.Connecting) return;
    if (this.#sessionId === 0) return;
    while (this.#queue.hasOutgoing) {
      const operations = this.#queue.takeFrame(nowMs);
      if (operations.length > 0) this.#send(operations, nowMs);
    }
  }

  #welcome(sessionId: number, ttlMs: number): void {
    // It was opened after its hello was sent, and lives for its TTL from then on.
    if (this.#sessionId === 0) this.#deadline.acknowledged(this.#helloFrame);
    this.#sessionId = sessionId;
    this.#ttlMs = ttlMs;
    this.#phase = Phase.Open;
    this.#plan.served();
  }

  /** False where the session turns out to be gone. */
  #settle(result: OperationResult, nowMs: number): boolean {
    const operation = this.#queue.find(result.sequence);
    if (operation === undefined) return true;
    switch (result.code) {
      case LockCode.Queued:
        operation.stage = Stage.Queued;
        operation.position = result.position;
        return true;
      case LockCode.SessionExpired:
        return false;
      case LockCode.SequenceForgotten:
        if (this.#askAnew(operation)) return true;
        break;
      default:
        if (isPassingRefusal(result)) {
          this.#queue.refuse(operation);
          this.#retryAtMs = Math.min(this.#retryAtMs, nowMs + failureBackoff.initialMs);
          return true;
        }
    }
    this.#queue.remove(operation);
    if (operation.fields.kind === OperationKind.Cancel) {
      const acquire = this.#queue.find(operation.fields.token);
      if (acquire !== undefined) this.#queue.remove(acquire);
    }
    operation.answered(result);
    if (operation.fields.kind === OperationKind.Close) this.#finish();
    return true;
  }

  /**
   * An acquire whose waiting had been acknowledged, and which doesn't wait or hold any more: its
   * place was given up while no stream stood. It queues up again.
   */
  #askAnew(operation: SessionOperation): boolean {
    if (operation.fields.kind !== OperationKind.Acquire || operation.isAbandoned) return false;
    this.#queue.remove(operation);
    this.#queue.submit(operation);
    return true;
  }

  #isReliable(nowMs: number): boolean {
    if (this.#sessionId === 0 || nowMs < this.reliableUntilMs) return true;
    // A stream that stands is as good for the next session: it was this process that slept.
    const isUp = this.#phase === Phase.Open;
    if (isUp) this.#plan.stay();
    const error = new LockError('SessionExpired', 'the session was not renewed in time');
    this.#lose(error, nowMs, isUp ? 0 : this.#plan.failed(false, nowMs));
    return false;
  }

  /** The stream is of no use. The session, if there is one, goes on in the next. */
  #pause(delayMs: number, nowMs: number): void {
    this.#port.disconnect();
    this.#deadline.streamLost();
    this.#phase = Phase.Pausing;
    this.#resumeAtMs = nowMs + delayMs;
    if (delayMs === 0) this.#proceed(nowMs);
  }

  #proceed(nowMs: number): void {
    if (this.#sessionId !== 0 || this.#queue.size > 0) this.#connect(nowMs);
    else this.#phase = Phase.Idle;
  }

  /** The session is gone, with all that it held. Acquires may go on in the next session. */
  #lose(error: LockError, nowMs: number, delayMs: number): void {
    const operations = this.#forgetSession();
    this.#port.lost(error);
    const goesOn = this.#settings.retriesAcquires && !this.#isClosing;
    for (const operation of operations) {
      const { fields, isAbandoned } = operation;
      if (fields.kind !== OperationKind.Acquire || !goesOn) operation.failed(error);
      else if (!isAbandoned) this.#queue.submit(operation);
    }
    if (this.#isClosing) this.#finish();
    else this.#pause(delayMs, nowMs);
  }

  /** No node would take it: everything that waits fails. The next operation tries again. */
  #giveUp(error: LockError): void {
    const operations = this.#forgetSession();
    this.#port.disconnect();
    this.#phase = Phase.Idle;
    this.#port.lost(error);
    for (const operation of operations) operation.failed(error);
    if (this.#isClosing) this.#finish();
  }

  #forgetSession(): readonly SessionOperation[] {
    this.#sessionId = 0;
    this.#ttlMs = 0;
    this.#silences = 0;
    this.#retryAtMs = Number.POSITIVE_INFINITY;
    this.#deadline.reset();
    return this.#queue.takeAll();
  }

  #finish(): void {
    if (this.#phase === Phase.Closed) return;
    const operations = this.#forgetSession();
    this.#closeByMs = Number.POSITIVE_INFINITY;
    this.#port.disconnect();
    this.#phase = Phase.Closed;
    const error = new LockError('Closed', 'the client is closed');
    for (const operation of operations) operation.failed(error);
    this.#port.closed();
  }

  #renewAtMs(): number {
    if (this.#phase !== Phase.Open) return Number.POSITIVE_INFINITY;
    return this.#sentMs + renewalIntervalMs(this.#ttlMs);
  }

  #silentAtMs(): number {
    if (this.#phase !== Phase.Connecting && this.#phase !== Phase.Open) {
      return Number.POSITIVE_INFINITY;
    }
    // With a session there is something to lose: other nodes must be tried before it ends.
    const patienceMaxMs =
      this.#sessionId === 0 ? openPatienceMaxMs : Math.max(silenceMs, this.#ttlMs / 4);
    const patienceMs = Math.min(silenceMs * 2 ** Math.min(this.#silences, 10), patienceMaxMs);
    return Math.max(this.#deadline.waitingSinceMs, this.#heardMs) + patienceMs;
  }
}
