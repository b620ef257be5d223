/**
 * The session as the client's calls see it: acquires that wait here or at the lock manager, holds,
 * and the one timer and one stream that drive the engine (session/session-engine.ts).
 */
import { type LockCode, LockMode } from '@windlass/lock-wire';
import { type AcquireOutcome, type AcquireRequest, AcquireTask } from './acquire-task.ts';
import { HeldLock, type HoldOwner, type Released } from './held-lock.ts';
import { MetadataOperation, ReleaseOperation } from './hold-operations.ts';
import { LocalQueue } from './local-queue.ts';
import { LockError, lockErrorOf } from './lock-error.ts';
import { AddressPlan } from './session/address-plan.ts';
import { operationsMax, timerGrainMs } from './session/limits.ts';
import { SessionEngine } from './session/session-engine.ts';
import type { SessionPort, SessionSettings } from './session/session-port.ts';
import type { SessionStream, SessionTransport, Surroundings } from './surroundings.ts';

export type LockSessionOptions = SessionSettings & { readonly addresses: readonly string[] };

export class LockSession {
  readonly #surroundings: Surroundings;
  readonly #transport: SessionTransport;
  readonly #engine: SessionEngine;
  readonly #tasks = new Set<AcquireTask>();
  readonly #holds = new Set<HeldLock>();
  readonly #localQueue = new LocalQueue();
  readonly #holdOwner: HoldOwner;
  readonly #closed = Promise.withResolvers<void>();
  #stream: SessionStream | null = null;
  /** No task has to be given up before it. */
  #tasksDueMs = Number.POSITIVE_INFINITY;
  #timer: { readonly dueMs: number; readonly stop: () => void } | null = null;
  #isScheduled = false;

  constructor(
    options: LockSessionOptions,
    transport: SessionTransport,
    surroundings: Surroundings,
  ) {
    this.#surroundings = surroundings;
    this.#transport = transport;
    const { addresses } = options;
    const start = Math.floor(surroundings.random.next() * addresses.length);
    const plan = new AddressPlan(addresses, start, surroundings.random);
    this.#engine = new SessionEngine(this.#port(), options, plan);
    this.#holdOwner = {
      release: (hold) => this.#release(hold),
      setMetadata: (hold, metadata) => this.#setMetadata(hold, metadata),
      remainingMs: () => this.#engine.reliableUntilMs - surroundings.nowMs(),
    };
  }

  /** The node that the session was last with; '' before the first. */
  get address(): string {
    return this.#engine.address;
  }

  /** Resolves with the grant, or rejects with a LockError. The request is in bounds. */
  acquire(request: AcquireRequest): Promise<HeldLock> {
    const refusal = this.#refusal(request);
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const task = new AcquireTask(request, {
        submit: (admitted) => this.#submit(admitted),
        cancel: (cancelled, error) => this.#giveUp(cancelled, error),
        end: (ended, outcome) => {
          this.#tasks.delete(ended);
          if (outcome.kind === 'granted') resolve(this.#hold(ended, outcome));
          else {
            this.#leaveLocalQueue(ended);
            reject(outcome.error);
          }
        },
      });
      this.#tasks.add(task);
      if (request.giveUpMs < this.#tasksDueMs) {
        this.#tasksDueMs = request.giveUpMs;
        this.#arm();
      }
      if (!task.usesLocalQueue || this.#localQueue.enter(task)) this.#submit(task);
    });
  }

  /** Releases everything, and resolves once the lock manager said so, or after a second. */
  close(): Promise<void> {
    if (!this.#engine.isClosing) {
      this.#engine.close(this.#surroundings.nowMs());
      const error = new LockError('Closed', 'the client is closed');
      for (const task of this.#tasks) this.#giveUp(task, error);
      this.#arm();
    }
    return this.#closed.promise;
  }

  #port(): SessionPort {
    return {
      connect: (address: string) => this.#connect(address),
      send: (frame: Parameters<SessionStream['send']>[0]) => this.#stream?.send(frame),
      disconnect: () => {
        this.#stream?.cancel();
        this.#stream = null;
      },
      revoked: (key: string, token: number, code: LockCode) => this.#revoked(key, token, code),
      lost: (error: LockError) => this.#lost(error),
      closed: () => {
        this.#timer?.stop();
        this.#timer = null;
        this.#closed.resolve();
      },
    };
  }

  #connect(address: string): void {
    this.#stream?.cancel();
    const { nowMs } = this.#surroundings;
    this.#stream = this.#transport.open(address, {
      frame: (frame) => {
        this.#engine.frame(frame, nowMs());
        this.#arm();
      },
      ended: (end) => {
        this.#stream = null;
        this.#engine.ended(end, nowMs());
        this.#arm();
      },
    });
  }

  #refusal({ isReentrant, key, mode, signal, waitEndMs }: AcquireRequest): LockError | null {
    if (this.#engine.isClosing) return new LockError('Closed', 'the client is closed');
    if (signal?.aborted === true) {
      return new LockError('Cancelled', `${key}: aborted`, signal.reason);
    }
    if (this.#tasks.size >= operationsMax) {
      const message = `operationsMax: ${operationsMax} acquires of this client are under way`;
      return new LockError('ResourceExhausted', message);
    }
    const isTry = waitEndMs === Number.NEGATIVE_INFINITY;
    const isLocal = mode !== LockMode.Semaphore && !isReentrant;
    if (isTry && isLocal && this.#localQueue.isBusy(key)) {
      const isReader = mode === LockMode.Shared && this.#localQueue.admitsShared(key);
      if (!isReader) return new LockError('Held', `${key}: held by this client`);
    }
    return null;
  }

  #submit(task: AcquireTask): void {
    this.#engine.submit(task);
    this.#schedule();
  }

  /** Its caller is told, and the lock manager that it isn't wanted any more. */
  #giveUp(task: AcquireTask, error: LockError): void {
    const wasWaitingHere = task.usesLocalQueue && this.#localQueue.withdraw(task);
    if (!wasWaitingHere) this.#engine.abandon(task);
    if (wasWaitingHere) task.hasLeftLocalQueue = true;
    task.failed(error);
    if (!this.#engine.isClosing) this.#schedule();
  }

  #leaveLocalQueue(task: AcquireTask): void {
    if (task.usesLocalQueue && !task.hasLeftLocalQueue) this.#localQueue.leave(task.key);
  }

  #hold(task: AcquireTask, { result }: Extract<AcquireOutcome, { kind: 'granted' }>): HeldLock {
    const { key, mode } = task.request;
    const { holdCount, lastExclusiveToken, token } = result;
    const hold = new HeldLock({ key, mode, token, lastExclusiveToken, holdCount }, this.#holdOwner);
    this.#holds.add(hold);
    return hold;
  }

  #release(hold: HeldLock): Promise<Released> {
    this.#holds.delete(hold);
    return new Promise((resolve, reject) => {
      const done = () => this.#leaveAfter(hold);
      this.#engine.submit(new ReleaseOperation(hold, resolve, reject, done));
      this.#schedule();
    });
  }

  #setMetadata(hold: HeldLock, metadata: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#engine.submit(new MetadataOperation(hold, metadata, resolve, reject));
      this.#schedule();
    });
  }

  #revoked(key: string, token: number, code: LockCode): void {
    const error = lockErrorOf(code, 'the lock was taken away', key);
    for (const hold of this.#holds) {
      if (hold.token === token && hold.key === key) this.#lose(hold, error);
    }
  }

  #lost(error: LockError): void {
    for (const hold of this.#holds) this.#lose(hold, error);
  }

  #lose(hold: HeldLock, error: LockError): void {
    if (!this.#holds.delete(hold)) return;
    hold.markLost(error);
    this.#leaveAfter(hold);
  }

  #leaveAfter({ key, mode }: HeldLock): void {
    if (mode !== LockMode.Semaphore) this.#localQueue.leave(key);
  }

  /** Everything that is asked for in this turn of the event loop goes into one frame. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#surroundings.endOfTurn(() => {
      this.#isScheduled = false;
      this.#engine.flush(this.#surroundings.nowMs());
      this.#arm();
    });
  }

  /** One timer for everything; set anew only when something is due before it. */
  #arm(): void {
    if (this.#tasks.size === 0) this.#tasksDueMs = Number.POSITIVE_INFINITY;
    const dueMs = Math.min(this.#engine.dueMs(), this.#tasksDueMs);
    if (this.#timer !== null && this.#timer.dueMs <= dueMs) return;
    this.#timer?.stop();
    this.#timer = null;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(0, dueMs - this.#surroundings.nowMs()), timerMsMax);
    const roundedMs = Math.ceil(delayMs / timerGrainMs) * timerGrainMs;
    const stop = this.#surroundings.after(roundedMs, () => this.#tick(dueMs));
    this.#timer = { dueMs, stop };
  }

  #tick(dueMs: number): void {
    this.#timer = null;
    const nowMs = this.#surroundings.nowMs();
    this.#engine.tick(nowMs, dueMs);
    if (nowMs >= this.#tasksDueMs) this.#giveUpTasks(nowMs);
    this.#arm();
  }

  #giveUpTasks(nowMs: number): void {
    let dueMs = Number.POSITIVE_INFINITY;
    const over: AcquireTask[] = [];
    for (const task of this.#tasks) {
      const { giveUpMs } = task.request;
      if (giveUpMs <= nowMs) over.push(task);
      else if (giveUpMs < dueMs) dueMs = giveUpMs;
    }
    this.#tasksDueMs = dueMs;
    for (const task of over) {
      const { key, waitEndMs } = task.request;
      const error =
        waitEndMs === Number.NEGATIVE_INFINITY
          ? new LockError('Unavailable', `${key}: no answer in time`)
          : new LockError('WaitTimeout', `${key}: not granted in time`);
      this.#giveUp(task, error);
    }
  }
}

/** What setTimeout takes. */
const timerMsMax = 2 ** 31 - 1;
