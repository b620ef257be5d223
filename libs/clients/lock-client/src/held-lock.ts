/** A lock that was granted, until it is released or lost. */
import type { LockMode } from '@windlass/lock-wire';
import { LockError } from './lock-error.ts';

/** How a release ended. */
export type Released = {
  /** True where the hold was gone before: expired, taken away, or the client was closed. */
  readonly lost: boolean;
};

/** What a hold needs of the client that it came by. */
export type HoldOwner = {
  readonly release: (hold: HeldLock) => Promise<Released>;
  readonly setMetadata: (hold: HeldLock, metadata: Uint8Array) => Promise<void>;
  /** Milliseconds for which the session surely goes on; negative if it doesn't. */
  readonly remainingMs: () => number;
};

export type Grant = {
  readonly key: string;
  readonly mode: LockMode;
  readonly token: number;
  readonly lastExclusiveToken: number;
  readonly holdCount: number;
};

export class HeldLock {
  readonly key: string;
  /** Fencing token: give it to whatever the lock protects. Greater than all that were granted before. */
  readonly token: number;
  /** For createFencingGuard(), together with the token. */
  readonly lastExclusiveToken: number;
  /** How often this client held the lock with this grant, from 1. */
  readonly holdCount: number;
  readonly mode: LockMode;
  readonly #owner: HoldOwner;
  #controller: AbortController | null = null;
  #loss: LockError | null = null;
  #released: Promise<Released> | null = null;

  constructor(grant: Grant, owner: HoldOwner) {
    this.key = grant.key;
    this.token = grant.token;
    this.lastExclusiveToken = grant.lastExclusiveToken;
    this.holdCount = grant.holdCount;
    this.mode = grant.mode;
    this.#owner = owner;
  }

  /**
   * Aborts when the lock is lost, or about to be: before the session's deadline passes unrenewed,
   * when the lock was taken away, when the client is closed. The reason is a LockError. A release
   * doesn't abort it.
   */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#loss !== null) this.#controller.abort(this.#loss);
    }
    return this.#controller.signal;
  }

  /**
   * For how long the lock is surely held without another word from the lock manager, in
   * milliseconds; 0 once it is lost or released. Looks at the clock, so it is right also in a
   * process that was just paused, where timers haven't fired yet.
   */
  get remainingMs(): number {
    if (this.#loss !== null || this.#released !== null) return 0;
    return Math.max(0, this.#owner.remainingMs());
  }

  /** Gives the lock back. Any number of calls are one. Waits until the lock manager has done it. */
  release(): Promise<Released> {
    this.#released ??=
      this.#loss === null ? this.#owner.release(this) : Promise.resolve({ lost: true });
    return this.#released;
  }

  /** Replaces what is shown with the lock. */
  async setMetadata(metadata: Uint8Array): Promise<void> {
    if (this.#loss !== null) throw this.#loss;
    if (this.#released !== null) throw new LockError('NotHeld', `${this.key}: released already`);
    await this.#owner.setMetadata(this, metadata);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** Said by the client, once. */
  markLost(error: LockError): void {
    if (this.#loss !== null) return;
    this.#loss = error;
    this.#controller?.abort(error);
  }
}
