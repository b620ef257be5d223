/** What clients did and saw, on one monotonic clock, for checkLockHistory. */
import type { LockHistory, LockInput, LockOutput, LockRecord } from '@windlass/linearizability';

export type Call = {
  readonly key: string;
  readonly input: LockInput;
  readonly calledAt: number;
};

export class HistoryRecorder {
  readonly #records: LockRecord[] = [];
  /** Of each session, until when its client was sure of it. */
  readonly #sureUntil = new Map<number, number>();
  readonly #endedSessions = new Set<number>();
  #sessions = 0;

  /** The number of a new session; its client's name shows it to readers. */
  newSession(): number {
    this.#sessions += 1;
    return this.#sessions;
  }

  call(key: string, input: LockInput): Call {
    return { key, input, calledAt: performance.now() };
  }

  /** @param output null: what became of it isn't known */
  ended({ calledAt, input, key }: Call, output: LockOutput | null): void {
    const caller = 'session' in input ? `session ${input.session}` : 'reader';
    const returnedAt = output === null ? null : performance.now();
    this.#records.push({ caller, key, input, output, calledAt, returnedAt });
  }

  sure(session: number, remainingMs: number): void {
    const until = performance.now() + remainingMs;
    this.#sureUntil.set(session, Math.max(this.#sureUntil.get(session) ?? 0, until));
  }

  /** Its client uses it no more: it's closed if that gets through, or expires. */
  endSession(session: number): void {
    if (this.#endedSessions.has(session)) return;
    this.#endedSessions.add(session);
    this.ended(this.call('', { kind: 'close', session }), null);
  }

  history(): LockHistory {
    const deadlines = [...this.#endedSessions].map((session) => ({
      session,
      at: this.#sureUntil.get(session) ?? 0,
    }));
    return { records: this.#records, deadlines };
  }

  /** Operations whose outcome is known, and all of them. */
  counts(): { readonly known: number; readonly all: number } {
    const known = this.#records.filter(({ output }) => output !== null).length;
    return { known, all: this.#records.length };
  }
}
