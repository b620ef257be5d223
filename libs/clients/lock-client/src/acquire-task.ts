/** One call of acquire: from the local queue to the grant, or to the one error that it ends with. */
import { LockCode, LockMode, OperationKind, type OperationResult } from '@windlass/lock-wire';
import type { LocalEntrant } from './local-queue.ts';
import { LockError, lockErrorOf } from './lock-error.ts';
import { SessionOperation } from './session/session-operation.ts';

export type AcquireRequest = {
  readonly key: string;
  readonly mode: LockMode;
  readonly permits: number;
  readonly limit: number;
  readonly metadata: Uint8Array;
  /** By the monotonic clock. Infinity: as long as it takes. -Infinity: not at all. */
  readonly waitEndMs: number;
  /** When its caller is told, whatever is known by then. */
  readonly giveUpMs: number;
  readonly isReentrant: boolean;
  readonly signal: AbortSignal | null;
};

export type AcquireOutcome =
  | { readonly kind: 'granted'; readonly result: OperationResult }
  | { readonly kind: 'failed'; readonly error: LockError };

/** How the task ends. Called exactly once. */
export type AcquireEnd = (task: AcquireTask, outcome: AcquireOutcome) => void;

export class AcquireTask extends SessionOperation implements LocalEntrant {
  readonly request: AcquireRequest;
  /** Takes it to the session. */
  readonly admitted: () => void;
  readonly #end: AcquireEnd;
  /** Abort of the caller's signal. */
  readonly #aborted: () => void;
  #isOver = false;
  /** It withdrew while it waited locally: it isn't among the users of its key. */
  hasLeftLocalQueue = false;

  constructor(
    request: AcquireRequest,
    steps: {
      readonly submit: (task: AcquireTask) => void;
      readonly cancel: (task: AcquireTask, error: LockError) => void;
      readonly end: AcquireEnd;
    },
  ) {
    const { key, limit, metadata, mode, permits, signal, waitEndMs } = request;
    const kind = OperationKind.Acquire;
    super({ kind, key, mode, permits, limit, token: 0, metadata, waitEndMs });
    this.request = request;
    this.#end = steps.end;
    this.admitted = () => steps.submit(this);
    this.#aborted = () => {
      steps.cancel(this, new LockError('Cancelled', `${key}: aborted`, signal?.reason));
    };
    signal?.addEventListener('abort', this.#aborted, { once: true });
  }

  get key(): string {
    return this.request.key;
  }

  get isShared(): boolean {
    return this.request.mode === LockMode.Shared;
  }

  get isReentrant(): boolean {
    return this.request.isReentrant;
  }

  /** Semaphores don't queue up locally: each of a session's holds counts at the lock manager. */
  get usesLocalQueue(): boolean {
    return this.request.mode !== LockMode.Semaphore;
  }

  override answered(result: OperationResult): void {
    if (result.code === LockCode.Ok) this.#finish({ kind: 'granted', result });
    else this.failed(lockErrorOf(result.code, result.message, this.key));
  }

  override failed(error: LockError): void {
    this.#finish({ kind: 'failed', error });
  }

  #finish(outcome: AcquireOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.request.signal?.removeEventListener('abort', this.#aborted);
    this.#end(this, outcome);
  }
}
