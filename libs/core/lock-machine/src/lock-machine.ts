/**
 * The state machine of the lock manager: entries of the log in, answers and events out. How a
 * request becomes a grant is in granting.ts, what sessions do in operations.ts, what leaders and
 * operators do in commands.ts; state.ts is what changes. README.md has the table of states.
 */
import { assert, fail, ok, type Result } from '@windlass/base';
import type { Command } from '@windlass/lock-wire';
import { findWaiter, positionOf } from './answers.ts';
import { applyCommand } from './commands.ts';
import { brokenInvariants } from './invariants.ts';
import { Output } from './output.ts';
import { type RestoreError, SnapshotReader } from './restore.ts';
import { LockScan } from './scan.ts';
import { SnapshotWriter } from './snapshot.ts';
import { State } from './state.ts';
import type {
  ApplyOutput,
  EntryPosition,
  LockView,
  MachineBugs,
  MachineCounts,
  MachineSnapshot,
  SessionView,
} from './types.ts';
import { type VersionTable, versionTable } from './versions.ts';
import { lockView, sessionView } from './views.ts';

export class LockMachine {
  #state: State;

  /**
   * @param bugs for the simulation only
   * @param versions behaviours by version; the simulation of rolling upgrades has tables of its own
   */
  constructor(bugs: MachineBugs = {}, versions: VersionTable = versionTable) {
    this.#state = new State(bugs, versions);
  }

  /** Begins to read a snapshot into a new machine. The parameters are those of the constructor. */
  static restore(bugs: MachineBugs = {}, versions: VersionTable = versionTable): MachineRestore {
    const reader = new SnapshotReader(new State(bugs, versions));
    return {
      push: (chunk) => reader.push(chunk),
      finish: () => {
        const read = reader.finish();
        if (!read.ok) return fail(read.error);
        const machine = new LockMachine(bugs, versions);
        machine.#state = read.value;
        return ok(machine);
      },
    };
  }

  /**
   * Applies one entry.
   *
   * @param position its index must be greater than that of every entry before
   * @throws AssertionError where the entry can't be one of a log that this program may apply
   */
  apply(position: EntryPosition, commands: readonly Command[]): ApplyOutput {
    const { index, term } = position;
    assert(index > this.#state.appliedIndex, `entry ${index} is applied already`);
    this.#state.appliedIndex = index;
    const output = new Output();
    for (const command of commands) applyCommand(this.#state, term, command, output);
    return output;
  }

  get appliedIndex(): number {
    return this.#state.appliedIndex;
  }

  session(sessionId: number): SessionView | null {
    const session = this.#state.sessions.get(sessionId);
    return session === undefined ? null : sessionView(session);
  }

  /** In no order that may be relied on. Nothing may be applied while it's read. */
  *sessions(): Generator<SessionView> {
    for (const session of this.#state.sessions.values()) yield sessionView(session);
  }

  /** Null where nobody holds the lock. At most shownPerLockMax holders and as many waiters. */
  get(key: string): LockView | null {
    const lock = this.#state.locks.get(key);
    return lock === undefined ? null : lockView(lock);
  }

  validate(
    key: string,
    token: number,
  ): { readonly valid: boolean; readonly lastExclusiveToken: number } {
    const lock = this.#state.locks.get(key);
    let hold = lock === undefined ? null : lock.newestHold;
    while (hold !== null && hold.token !== token) hold = hold.olderOfLock;
    return { valid: hold !== null, lastExclusiveToken: this.#state.lastExclusiveToken(key) };
  }

  /** Place in the queue, from 1, of the session's acquire; 0 where it doesn't wait. */
  positionOf(sessionId: number, sequence: number): number {
    const session = this.#state.sessions.get(sessionId);
    const waiter = session === undefined ? null : findWaiter(session, sequence);
    return waiter === null ? 0 : positionOf(waiter);
  }

  /** True while the session's acquire is in a queue. */
  isWaiting(sessionId: number, sequence: number): boolean {
    const session = this.#state.sessions.get(sessionId);
    return session !== undefined && findWaiter(session, sequence) !== null;
  }

  /** Finds the next `limit` locks after a key ('' for the first), in the order of UTF-16 units. */
  scan(prefix: string, afterKey: string, limit: number): LockScan {
    return new LockScan(this.#state, prefix, afterKey, limit);
  }

  counts(): MachineCounts {
    const { sessions, locks, holdCount, waiterCount, version, lastToken, limits } = this.#state;
    return {
      sessions: sessions.size,
      locks: locks.size,
      holds: holdCount,
      waiters: waiterCount,
      version,
      lastToken,
      limits,
    };
  }

  /** Begins a snapshot of the state as it is now. One at a time. */
  snapshot(): MachineSnapshot {
    return new SnapshotWriter(this.#state);
  }

  /** What is wrong with the state, which must be nothing. Looks at everything: for tests. */
  checkInvariants(): readonly string[] {
    return brokenInvariants(this.#state);
  }
}

/** Reads a snapshot: push all its bytes in order, in pieces of any size, then finish. */
export type MachineRestore = {
  readonly push: (chunk: Uint8Array) => void;
  readonly finish: () => Result<LockMachine, RestoreError>;
};
