/** Whether an operation may enter the log. */
import { integerMax, type OperationBounds, uint32Max } from './bounds.ts';
import { isLockMode, isLockScope, isOperationKind } from './known-numbers.ts';
import { anonymousSequenceMin, LockMode, type Operation, OperationKind } from './types.ts';
import { utf8Bytes } from './utf8.ts';

/**
 * Null if the operation is in bounds; else a message that names the field and its limit, for
 * LockCode.Invalid. Takes what decodeSessionRequest gives, so also numbers that no kind, mode or
 * scope of this version has. Sequence 0, which only a unary call may have, is in bounds here.
 */
export function validateOperation(operation: Operation, bounds: OperationBounds): string | null {
  const { kind, sequence, token } = operation;
  if (!isOperationKind(kind)) return 'operation: its kind is not known to this version';
  if (!isCount(sequence, anonymousSequenceMin - 1)) {
    return 'sequence: must be a whole number below 2^52';
  }
  if (!isCount(token, integerMax)) {
    const field = kind === OperationKind.Cancel ? 'acquire_sequence' : 'token';
    return `${field}: must be a whole number below 2^53`;
  }
  if (kind === OperationKind.Cancel || kind === OperationKind.Close) return null;
  return (
    keyProblem(operation.key, bounds) ??
    metadataProblem(operation.metadata, bounds) ??
    (isLockScope(operation.scope) ? null : `scope: ${String(operation.scope)} is not known`) ??
    (kind === OperationKind.Acquire ? acquireProblem(operation, bounds) : null)
  );
}

function keyProblem(key: string, { keyBytesMax }: OperationBounds): string | null {
  if (key.length === 0) return `key: must have 1 to ${keyBytesMax} bytes, has none`;
  if (!key.isWellFormed()) return 'key: must be UTF-8, has a lone surrogate';
  // No UTF-16 code unit takes more than 3 bytes, or less than 1.
  if (key.length * 3 <= keyBytesMax) return null;
  const bytes = key.length > keyBytesMax ? key.length : utf8Bytes(key);
  return bytes <= keyBytesMax ? null : `key: must have at most ${keyBytesMax} bytes of UTF-8`;
}

function metadataProblem(metadata: Uint8Array, bounds: OperationBounds): string | null {
  const { metadataBytesMax } = bounds;
  if (metadata.length <= metadataBytesMax) return null;
  return `metadata: must have at most ${metadataBytesMax} bytes, has ${metadata.length}`;
}

function acquireProblem(operation: Operation, { permitsMax }: OperationBounds): string | null {
  const { mode, permits, limit, waitMs } = operation;
  if (!isLockMode(mode)) return `mode: ${String(mode)} is not known`;
  if (!isCount(waitMs, uint32Max)) return `wait_ms: must be a whole number up to ${uint32Max}`;
  if (mode !== LockMode.Semaphore) {
    // Said by a client that forgot the mode: it would get less than it thinks.
    return permits <= 1 && limit === 0 ? null : 'limit, permits: are for semaphores only';
  }
  if (!isCount(limit, permitsMax) || limit < 1) return `limit: must be 1 to ${permitsMax}`;
  return isCount(permits, limit) && permits >= 1 ? null : `permits: must be 1 to limit (${limit})`;
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
