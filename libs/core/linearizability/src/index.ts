/** Checkers of histories. Begin with check.ts; for locks, with locks/check-lock-history.ts. */
export { checkLinearizability, defaultCheckLimits } from './check.ts';
export { explainViolation } from './explain.ts';
export {
  checkLockHistory,
  type LockHistoryCheck,
  type LockVerdict,
} from './locks/check-lock-history.ts';
export { explainLockHistory } from './locks/explain-lock-history.ts';
export { type LockState, lockModel, type ModelInput } from './locks/model.ts';
export * from './locks/types.ts';
export * from './types.ts';
