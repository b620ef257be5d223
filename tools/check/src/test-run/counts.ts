/** What a test runner's own report counts. */
import { isRecord, parseJson } from '../json.ts';

export type TestCounts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

export const noTests: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** The counts of a report that Vitest's JSON reporter wrote; null where the text is none. */
export function readCounts(text: string): TestCounts | null {
  const report = parseJson(text);
  if (!isRecord(report)) return null;
  const count = (name: string): number | null => {
    const value = report[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const [total, passed, failed] = [
    count('numTotalTests'),
    count('numPassedTests'),
    count('numFailedTests'),
  ];
  if (total === null || passed === null || failed === null || passed + failed > total) return null;
  // Skipped and left-to-do tests alike: whatever neither passed nor failed.
  return { passed, failed, skipped: total - passed - failed };
}

export function addCounts(left: TestCounts, right: TestCounts): TestCounts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}
