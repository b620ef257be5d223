/**
 * Time without the pauses of the process: what sessions and waits are measured by, and what makes
 * Raft tick. After a pause what is in the sockets is read before an election begins, and nobody's
 * silence is counted that could not have been heard.
 */

export type PassedTime = {
  /** Ticks of Raft that are due. */
  readonly ticks: number;
  /** How long the process stood still, or 0. */
  readonly pauseMs: number;
};

export class AwakeClock {
  readonly #tickMs: number;
  readonly #pauseMsMin: number;
  #lastMs: number;
  #debtMs = 0;
  #awakeMs = 0;

  /** @param pauseMsMin a turn that comes later than this after the last one follows a pause */
  constructor(tickMs: number, pauseMsMin: number, nowMs: number) {
    this.#tickMs = tickMs;
    this.#pauseMsMin = pauseMsMin;
    this.#lastMs = nowMs;
  }

  get awakeMs(): number {
    return this.#awakeMs;
  }

  /** @param nowMs of a monotonic clock */
  pass(nowMs: number): PassedTime {
    const passedMs = Math.max(nowMs - this.#lastMs, 0);
    this.#lastMs = nowMs;
    const pauseMs = passedMs > this.#pauseMsMin ? passedMs : 0;
    const countedMs = pauseMs > 0 ? this.#tickMs : passedMs;
    this.#awakeMs += countedMs;
    this.#debtMs += countedMs;
    const ticks = Math.floor(this.#debtMs / this.#tickMs);
    this.#debtMs -= ticks * this.#tickMs;
    return { ticks, pauseMs };
  }
}
