/** What the clients of a run did and saw, for the linearizability check at its end. */
import type { LockHistory, LockInput, LockOutput, LockRecord } from '@windlass/linearizability';

/** An operation that is under way. */
export type OpenRecord = {
  readonly caller: string;
  readonly key: string;
  readonly input: LockInput;
  readonly calledAt: number;
};

export class History {
  readonly #now: () => number;
  readonly #records: LockRecord[] = [];
  readonly #deadlines = new Map<number, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get length(): number {
    return this.#records.length;
  }

  begin(caller: string, key: string, input: LockInput): OpenRecord {
    return { caller, key, input, calledAt: this.#now() };
  }

  returned(open: OpenRecord, output: LockOutput): void {
    this.#records.push({ ...open, output, returnedAt: this.#now() });
  }

  unknown(open: OpenRecord): void {
    this.#records.push({ ...open, output: null, returnedAt: null });
  }

  /** From then on the session may expire, as far as its client knows. In true time. */
  deadline(session: number, at: number): void {
    this.#deadlines.set(session, at);
  }

  all(): LockHistory {
    const deadlines = [...this.#deadlines].map(([session, at]) => ({ session, at }));
    return { records: this.#records, deadlines };
  }
}
