/** What is wrong with a history of locks, for people. */
import { unreachable } from '@windlass/base';
import { explainViolation } from '../explain.ts';
import type { LockHistoryCheck } from './check-lock-history.ts';

/** Null where the history is linearizable. What couldn't be decided is told, too. */
export function explainLockHistory({ keys, tokenProblems }: LockHistoryCheck): string | null {
  const problems = keys.flatMap(({ key, verdict }) => {
    switch (verdict.kind) {
      case 'linearizable':
        return [];
      case 'unknown':
        return [`lock ${key}: not decided within the limit, after ${verdict.prefixLength} returns`];
      case 'violation':
        return [`lock ${key}: ${explainViolation(verdict.violation)}`];
      default:
        return unreachable(verdict);
    }
  });
  const all = [...tokenProblems, ...problems];
  return all.length === 0 ? null : all.join('\n');
}
