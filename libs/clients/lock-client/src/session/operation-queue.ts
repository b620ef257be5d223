/**
 * The operations of one session that have no final answer: their sequences, which of them go out
 * next, and what the node may forget.
 */
import { type Operation, OperationKind } from '@windlass/lock-wire';
import { frameBytesMax, frameOperationsMax, unacknowledgedMax } from './limits.ts';
import { type SessionOperation, Stage, toWire, wireBytes } from './session-operation.ts';

export class OperationQueue {
  /** By rising sequence: sequences are given in the order of insertion. */
  readonly #pending = new Map<number, SessionOperation>();
  /** To be sent, by rising sequence. Some may be answered or abandoned meanwhile. */
  #outgoing: SessionOperation[] = [];
  #refused: SessionOperation[] = [];
  #lastSequence = 0;

  get size(): number {
    return this.#pending.size;
  }

  get hasOutgoing(): boolean {
    return this.#outgoing.length > 0;
  }

  get hasRefused(): boolean {
    return this.#refused.length > 0;
  }

  submit(operation: SessionOperation): void {
    this.#lastSequence += 1;
    operation.sequence = this.#lastSequence;
    operation.stage = Stage.Unsent;
    operation.wasSent = false;
    this.#pending.set(operation.sequence, operation);
    this.#outgoing.push(operation);
  }

  find(sequence: number): SessionOperation | undefined {
    return this.#pending.get(sequence);
  }

  /** Its final answer came, or it will not be asked for any more. */
  remove(operation: SessionOperation): void {
    this.#pending.delete(operation.sequence);
  }

  /** The node had no room: sent again by retryRefused(). */
  refuse(operation: SessionOperation): void {
    operation.stage = Stage.Refused;
    this.#refused.push(operation);
  }

  retryRefused(): void {
    const refused = this.#refused;
    this.#refused = [];
    this.#outgoing = bySequence([...refused, ...this.#outgoing]);
  }

  /** The stream is another one: everything without an answer is sent again. */
  restart(): void {
    this.#refused = [];
    this.#outgoing = [...this.#pending.values()];
    for (const operation of this.#outgoing) operation.stage = Stage.Unsent;
  }

  /** The session is another one: takes everything out, by rising sequence, and counts from 1. */
  takeAll(): readonly SessionOperation[] {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    this.#outgoing = [];
    this.#refused = [];
    this.#lastSequence = 0;
    return all;
  }

  /** What goes into the next frame; empty if there is nothing to send. */
  takeFrame(nowMs: number): readonly Operation[] {
    const operations: Operation[] = [];
    let bytes = 0;
    let taken = 0;
    for (const operation of this.#outgoing) {
      if (operations.length === frameOperationsMax) break;
      if (this.#isDue(operation)) {
        bytes += wireBytes(operation);
        if (bytes > frameBytesMax && operations.length > 0) break;
        operation.stage = Stage.Sent;
        operation.wasSent = true;
        operations.push(toWire(operation, nowMs));
      }
      taken += 1;
    }
    if (taken === this.#outgoing.length) this.#outgoing = [];
    else this.#outgoing = this.#outgoing.slice(taken);
    return operations;
  }

  /**
   * The highest sequence up to which no answer is wanted any more. Queued is no final answer; but
   * an acquire that has waited while many others were answered is passed over, or the node would
   * have to keep all those answers (and refuse more). Its place in the queue outlives that.
   */
  acknowledged(): number {
    let oldest = this.#lastSequence + 1;
    for (const [sequence, { stage, isAbandoned }] of this.#pending) {
      const mayPass = stage === Stage.Queued && !isAbandoned;
      if (mayPass && this.#lastSequence - sequence > unacknowledgedMax) continue;
      oldest = sequence;
      break;
    }
    return oldest - 1;
  }

  /** An abandoned acquire isn't repeated: if it never came, its Cancel finds nothing. */
  #isDue(operation: SessionOperation): boolean {
    const { fields, isAbandoned, sequence, stage } = operation;
    if (stage !== Stage.Unsent && stage !== Stage.Refused) return false;
    if (this.#pending.get(sequence) !== operation) return false;
    return !(isAbandoned && fields.kind === OperationKind.Acquire);
  }
}

function bySequence(operations: readonly SessionOperation[]): SessionOperation[] {
  return operations.toSorted((left, right) => left.sequence - right.sequence);
}
