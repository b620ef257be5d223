/** What is done with a lock that is held. */
import { LockCode, LockMode, OperationKind, type OperationResult } from '@windlass/lock-wire';
import type { HeldLock, Released } from './held-lock.ts';
import { type LockError, lockErrorOf } from './lock-error.ts';
import { SessionOperation } from './session/session-operation.ts';

const noMetadata = new Uint8Array(0);

function fieldsOf(kind: OperationKind, hold: HeldLock, metadata: Uint8Array) {
  const { key, token } = hold;
  const mode = LockMode.Exclusive;
  return { kind, key, mode, permits: 0, limit: 0, token, metadata, waitEndMs: 0 };
}

export class ReleaseOperation extends SessionOperation {
  readonly #resolve: (released: Released) => void;
  readonly #reject: (error: LockError) => void;
  readonly #done: () => void;

  /** @param done the hold is over, in whichever way */
  constructor(
    hold: HeldLock,
    resolve: (released: Released) => void,
    reject: (error: LockError) => void,
    done: () => void,
  ) {
    super(fieldsOf(OperationKind.Release, hold, noMetadata));
    this.#resolve = resolve;
    this.#reject = reject;
    this.#done = done;
  }

  override answered({ code, message }: OperationResult): void {
    if (code === LockCode.Ok) this.#resolve({ lost: false });
    else if (code === LockCode.NotHeld) this.#resolve({ lost: true });
    else this.#reject(lockErrorOf(code, message, this.fields.key));
    this.#done();
  }

  /** The session is gone, and the hold with it. */
  override failed(): void {
    this.#resolve({ lost: true });
    this.#done();
  }
}

export class MetadataOperation extends SessionOperation {
  readonly #resolve: () => void;
  readonly #reject: (error: LockError) => void;

  constructor(
    hold: HeldLock,
    metadata: Uint8Array,
    resolve: () => void,
    reject: (error: LockError) => void,
  ) {
    super(fieldsOf(OperationKind.SetMetadata, hold, metadata));
    this.#resolve = resolve;
    this.#reject = reject;
  }

  override answered({ code, message }: OperationResult): void {
    if (code === LockCode.Ok) this.#resolve();
    else this.#reject(lockErrorOf(code, message, this.fields.key));
  }

  override failed(error: LockError): void {
    this.#reject(error);
  }
}
