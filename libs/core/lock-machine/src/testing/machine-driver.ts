/** A machine with its log positions counted, and short words for commands. */
import { required } from '@windlass/base';
import {
  acquire,
  type Command,
  LockMode,
  type Operation,
  type OperationResult,
  release,
} from '@windlass/lock-wire';
import { LockMachine } from '../lock-machine.ts';
import type { ApplyOutput } from '../types.ts';

export class MachineDriver {
  machine: LockMachine;
  term = 1;

  constructor(machine = new LockMachine()) {
    this.machine = machine;
  }

  apply(...commands: readonly Command[]): ApplyOutput {
    return this.machine.apply({ index: this.machine.appliedIndex + 1, term: this.term }, commands);
  }

  open(...sessionIds: readonly number[]): void {
    this.apply(...sessionIds.map(openSession));
  }

  /** The last answer of the entry, which has this operation only. */
  operate(sessionId: number, operation: Operation): OperationResult {
    const { results } = this.apply(operationOf(sessionId, operation));
    return required(
      results.findLast((each) => each.sessionId === sessionId),
      'the answer',
    ).result;
  }

  /** Exclusive and waiting unless told otherwise, never to be repeated. */
  take(sessionId: number, key: string, sequence = 0, waitMs = 0, mode?: LockMode): OperationResult {
    const { Exclusive } = LockMode;
    return this.operate(
      sessionId,
      acquire({ sequence, key, waitMs, mode: mode ?? Exclusive, limit: 0 }),
    );
  }

  give(sessionId: number, key: string, token: number): ApplyOutput {
    return this.apply(operationOf(sessionId, release({ sequence: 0, key, token })));
  }
}

export function openSession(sessionId: number): Command {
  return { kind: 'open-session', sessionId, ttlMs: 30_000, clientName: `client-${sessionId}` };
}

export function operationOf(sessionId: number, operation: Operation): Command {
  return { kind: 'operation', sessionId, operation, acknowledgedSequence: 0 };
}

/** All pieces of a snapshot; `between` runs after each. */
export function snapshotPieces(
  machine: LockMachine,
  bytesMax: number,
  between: () => void = () => {},
): Uint8Array[] {
  const snapshot = machine.snapshot();
  const pieces: Uint8Array[] = [];
  for (let piece = snapshot.next(bytesMax); piece !== null; piece = snapshot.next(bytesMax)) {
    pieces.push(piece);
    between();
  }
  snapshot.close();
  return pieces;
}

export function restoreFrom(pieces: readonly Uint8Array[]): LockMachine {
  const restore = LockMachine.restore();
  for (const piece of pieces) restore.push(piece);
  const read = restore.finish();
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** All that can be seen of a machine, in an order that doesn't depend on its tables. */
export function stateText(machine: LockMachine): string {
  const sessions = [...machine.sessions()].toSorted(
    (left, right) => left.sessionId - right.sessionId,
  );
  const locks = machine.scan('', '', 1_000_000).step(Number.MAX_SAFE_INTEGER);
  return JSON.stringify({ sessions, locks, counts: machine.counts() });
}
