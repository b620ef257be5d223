import { type ErrorCode, errorEntry } from './registry.ts';

/** One thing wrong with one field of what the caller sent. */
export type FieldProblem = {
  /** Path as the caller wrote it: `spec.ports[0].containerPort`, `query.limit`, `X-Request-ID`. */
  readonly field: string;
  /** Continues the sentence that the field begins: `must be at most 1000`. Holds no secrets. */
  readonly message: string;
  /** The bound that was broken, where there is one. */
  readonly limit?: number | string;
};

export type WindlassErrorOptions = {
  readonly fields?: readonly FieldProblem[];
  readonly cause?: unknown;
  /** When the caller may try again: becomes Retry-After, rounded up to whole seconds. */
  readonly retryAfterMs?: number;
  /** Further members of the problem document; can't replace the standard ones. */
  readonly extra?: Readonly<Record<string, unknown>>;
};

/**
 * An error with a code of the registry: the only kind that crosses a boundary with its detail.
 * `detail` is shown to the caller (except for `internal`), so it names no secret and no other
 * user; what only we may know goes into `cause`, which is logged.
 */
export class WindlassError extends Error {
  override readonly name = 'WindlassError';
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterMs: number | null;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, options: WindlassErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.extra = options.extra ?? {};
  }

  /** What happened this time, for the caller. The same text as `message`. */
  get detail(): string {
    return this.message;
  }

  /** HTTP status of the code. */
  get status(): number {
    return errorEntry(this.code).status;
  }
}
