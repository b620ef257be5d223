/** Bounds what one connection has in flight. First come, first served. */

/**
 * Messages that wait for their acknowledgement at once. The server acknowledges some 24,000 a
 * second, so 256 cover a round trip of 10 ms; and at 16 KiB each they fit a socket's buffers.
 */
const inFlightMax = 256;

/** Messages that wait for their turn: several batches of the relay. More are refused. */
const waitingMax = 4_096;

/** full: too many wait already. late: no place was free before the deadline. */
export type Entry = 'entered' | 'full' | 'late';

export class PublishWindow {
  readonly #waiting = new Set<() => void>();
  #inFlight = 0;

  /** Takes a place, now or as soon as one is free. Who has entered leaves exactly once. */
  async enter(deadlineMs: number): Promise<Entry> {
    if (this.#inFlight < inFlightMax) {
      this.#inFlight += 1;
      return 'entered';
    }
    if (this.#waiting.size >= waitingMax) return 'full';
    return new Promise((resolve) => {
      const enter = () => {
        clearTimeout(timer);
        resolve('entered');
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(enter);
        resolve('late');
      }, deadlineMs);
      this.#waiting.add(enter);
    });
  }

  /** Gives the place to the next one. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#inFlight -= 1;
      return;
    }
    // The place is handed over, so the count stays.
    this.#waiting.delete(next);
    next();
  }
}
