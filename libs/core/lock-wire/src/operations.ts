/** Makes operations in their one flat shape: what a kind doesn't use is 0, '' or empty. */
import { LockMode, LockScope, type Operation, OperationKind } from './types.ts';

const noMetadata = new Uint8Array(0);

/** Permits default to 1 for a semaphore. A semaphore needs its limit. */
export function acquire(fields: {
  readonly sequence: number;
  readonly key: string;
  readonly mode?: LockMode;
  readonly permits?: number;
  readonly limit?: number;
  /** 0, the default, doesn't wait. */
  readonly waitMs?: number;
  readonly metadata?: Uint8Array;
  readonly scope?: LockScope;
}): Operation {
  const mode = fields.mode ?? LockMode.Exclusive;
  return {
    kind: OperationKind.Acquire,
    sequence: fields.sequence,
    key: fields.key,
    mode,
    permits: fields.permits ?? (mode === LockMode.Semaphore ? 1 : 0),
    limit: fields.limit ?? 0,
    waitMs: fields.waitMs ?? 0,
    token: 0,
    metadata: fields.metadata ?? noMetadata,
    scope: fields.scope ?? LockScope.Regional,
  };
}

export function release(fields: {
  readonly sequence: number;
  readonly key: string;
  readonly token: number;
  readonly scope?: LockScope;
}): Operation {
  const { sequence, key, token, scope = LockScope.Regional } = fields;
  return plain(OperationKind.Release, sequence, key, token, noMetadata, scope);
}

export function cancel(fields: {
  readonly sequence: number;
  readonly acquireSequence: number;
}): Operation {
  const { sequence, acquireSequence } = fields;
  const { Regional } = LockScope;
  return plain(OperationKind.Cancel, sequence, '', acquireSequence, noMetadata, Regional);
}

export function setMetadata(fields: {
  readonly sequence: number;
  readonly key: string;
  readonly token: number;
  readonly metadata: Uint8Array;
}): Operation {
  const { sequence, key, token, metadata } = fields;
  const { Regional } = LockScope;
  return plain(OperationKind.SetMetadata, sequence, key, token, metadata, Regional);
}

export function close(fields: { readonly sequence: number }): Operation {
  return plain(OperationKind.Close, fields.sequence, '', 0, noMetadata, LockScope.Regional);
}

function plain(
  kind: OperationKind,
  sequence: number,
  key: string,
  token: number,
  metadata: Uint8Array,
  scope: LockScope,
): Operation {
  return {
    kind,
    sequence,
    key,
    mode: LockMode.Exclusive,
    permits: 0,
    limit: 0,
    waitMs: 0,
    token,
    metadata,
    scope,
  };
}
