/**
 * Until when a session surely lives, told from this side only: the time when the newest
 * acknowledged frame was SENT, plus the TTL, minus 1 % + 50 ms for clocks that run differently
 * (design of the lock manager). Nothing else that a node says makes it later.
 */
import { unacknowledgedFramesMax } from './limits.ts';

export class SessionDeadline {
  #frames: number[] = [];
  /** Of the frame at the same place. */
  #sentMs: number[] = [];
  /** Places before it are acknowledged. */
  #first = 0;
  /** When the newest acknowledged frame was sent. */
  #renewedMs = Number.NEGATIVE_INFINITY;

  /** A frame leaves now. */
  sent(frame: number, nowMs: number): void {
    // Counted as sent with the one before it: that is earlier, so safe.
    if (this.#frames.length - this.#first >= unacknowledgedFramesMax) return;
    this.#frames.push(frame);
    this.#sentMs.push(nowMs);
  }

  /** The node confirmed the session after this frame had come. */
  acknowledged(frame: number): void {
    let sentMs = this.#renewedMs;
    let first = this.#first;
    for (; (this.#frames[first] ?? Number.POSITIVE_INFINITY) <= frame; first += 1) {
      sentMs = this.#sentMs[first] ?? sentMs;
    }
    this.#first = first;
    if (sentMs > this.#renewedMs) this.#renewedMs = sentMs;
    if (first === this.#frames.length) this.#forget();
    else if (first > unacknowledgedFramesMax) this.#dropAcknowledged();
  }

  /** The stream is gone: its frames will not be acknowledged any more. */
  streamLost(): void {
    this.#forget();
  }

  /** A new session: nothing is known of it. */
  reset(): void {
    this.#forget();
    this.#renewedMs = Number.NEGATIVE_INFINITY;
  }

  /** When the oldest frame without an acknowledgement was sent; Infinity if there is none. */
  get waitingSinceMs(): number {
    return this.#sentMs[this.#first] ?? Number.POSITIVE_INFINITY;
  }

  /** Not after this; -Infinity before the first acknowledgement. */
  endMs(ttlMs: number): number {
    return this.#renewedMs + ttlMs - clockMarginMs(ttlMs);
  }

  #dropAcknowledged(): void {
    this.#frames = this.#frames.slice(this.#first);
    this.#sentMs = this.#sentMs.slice(this.#first);
    this.#first = 0;
  }

  #forget(): void {
    this.#frames.length = 0;
    this.#sentMs.length = 0;
    this.#first = 0;
  }
}

function clockMarginMs(ttlMs: number): number {
  return ttlMs * 0.01 + 50;
}

/**
 * When holders are told, before the deadline: a timer may be late by some milliseconds, and who is
 * told needs a moment to stop.
 */
export function noticeMs(endMs: number, ttlMs: number): number {
  return endMs - ttlMs / 20;
}

/**
 * A frame at least so often: three may be lost before the session is in danger, and the lock
 * manager, which logs a silence of a quarter of the TTL, has nothing to log.
 */
export function renewalIntervalMs(ttlMs: number): number {
  return ttlMs / 5;
}
