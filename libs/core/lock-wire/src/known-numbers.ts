/** Which numbers of the enumerations this version knows. */
import { LockCode, LockMode, LockScope, OperationKind } from './types.ts';

const codes: ReadonlySet<number> = new Set(Object.values(LockCode));
const kinds: ReadonlySet<number> = new Set(Object.values(OperationKind));

export function isLockMode(value: number): value is LockMode {
  return value === LockMode.Exclusive || value === LockMode.Shared || value === LockMode.Semaphore;
}

export function isLockScope(value: number): value is LockScope {
  return value === LockScope.Regional || value === LockScope.Global;
}

export function isOperationKind(value: number): value is OperationKind {
  return kinds.has(value);
}

export function isLockCode(value: number): value is LockCode {
  return codes.has(value);
}
