/** One operation of a session, from the moment it is asked for until its final answer. */
import {
  acquire,
  cancel,
  close,
  type LockMode,
  type Operation,
  OperationKind,
  type OperationResult,
  release,
  setMetadata,
  waitForever,
} from '@windlass/lock-wire';
import type { LockError } from '../lock-error.ts';

/** Where an operation is. */
export const Stage = {
  /** Not sent on the present stream. */
  Unsent: 'unsent',
  Sent: 'sent',
  /** In the lock's queue. Only acquires. */
  Queued: 'queued',
  /** Refused for want of room at the node; sent again after a pause. */
  Refused: 'refused',
} as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

type Fields = {
  readonly kind: OperationKind;
  readonly key: string;
  readonly mode: LockMode;
  readonly permits: number;
  readonly limit: number;
  readonly token: number;
  readonly metadata: Uint8Array;
  /** Acquire: when the wait is over, by the monotonic clock. -Infinity doesn't wait. */
  readonly waitEndMs: number;
};

export abstract class SessionOperation {
  readonly fields: Fields;
  /** 0 until it is submitted; another one on another session. */
  sequence = 0;
  stage: Stage = Stage.Unsent;
  /** The node of some stream of this session may know of it. */
  wasSent = false;
  /** Place in the queue when it was queued last, from 1; else 0. */
  position = 0;
  /** Its caller waits no more; a Cancel has been submitted where the node may know of it. */
  isAbandoned = false;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  /** The final answer. Called at most once; not together with failed(). */
  abstract answered(result: OperationResult): void;

  /** There will be no answer: the session or the client has ended. */
  abstract failed(error: LockError): void;
}

/** As it goes on the wire now. */
export function toWire(operation: SessionOperation, nowMs: number): Operation {
  const { fields, sequence } = operation;
  const { key, token, metadata } = fields;
  switch (fields.kind) {
    case OperationKind.Acquire: {
      const { limit, mode, permits } = fields;
      const waitMs = remainingWaitMs(fields.waitEndMs, nowMs);
      return acquire({ sequence, key, mode, permits, limit, waitMs, metadata });
    }
    case OperationKind.Release:
      return release({ sequence, key, token });
    case OperationKind.Cancel:
      return cancel({ sequence, acquireSequence: token });
    case OperationKind.SetMetadata:
      return setMetadata({ sequence, key, token, metadata });
    case OperationKind.Close:
      return close({ sequence });
    default:
      return fields.kind satisfies never;
  }
}

/** Not less than it takes on the wire. */
export function wireBytes({ fields }: SessionOperation): number {
  const fixedBytes = 64;
  return fixedBytes + fields.key.length * 3 + fields.metadata.length;
}

/** What an acquire still waits, in milliseconds as the wire has them. */
export function remainingWaitMs(waitEndMs: number, nowMs: number): number {
  if (waitEndMs === Number.POSITIVE_INFINITY) return waitForever;
  if (waitEndMs === Number.NEGATIVE_INFINITY) return 0;
  // At least 1: what was to wait doesn't become a try, whose answer would be another.
  return Math.min(Math.max(Math.ceil(waitEndMs - nowMs), 1), waitForever - 1);
}
