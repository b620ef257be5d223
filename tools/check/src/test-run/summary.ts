/** What a run of all steps comes to, and how it is told. */
import { addCounts, noTests, type TestCounts } from './counts.ts';

export type StepResult = {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'not-run';
  /** Why, where it didn't pass; empty otherwise. */
  readonly reason: string;
  readonly durationMs: number;
  /** Null for a step that isn't tests, and for tests that left no report. */
  readonly tests: TestCounts | null;
};

export type Summary = {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
};

/** The last line is `N passed, N failed, N skipped`; machines read it. */
export function summarize(results: readonly StepResult[], totalMs: number): Summary {
  const counted = results.flatMap((result) => result.tests ?? []).reduce(addCounts, noTests);
  const stepFailures = results.filter(isFailureBesidesTests).length;
  const ran = counted.passed + counted.failed;
  const failed = counted.failed + stepFailures + (ran === 0 && stepFailures === 0 ? 1 : 0);
  return {
    lines: [
      '',
      ...results.map(resultLine),
      ...(ran === 0 ? ['no tests ran: that is a failure'] : []),
      `total ${seconds(totalMs)}`,
      `${counted.passed} passed, ${failed} failed, ${counted.skipped} skipped`,
    ],
    exitCode: failed === 0 && results.every((result) => result.outcome === 'passed') ? 0 : 1,
  };
}

/** A step that failed without a failed test to show for it: a check, or a runner that broke. */
function isFailureBesidesTests(result: StepResult): boolean {
  return result.outcome === 'failed' && (result.tests?.failed ?? 0) === 0;
}

function resultLine(result: StepResult): string {
  const mark = { passed: 'ok', failed: 'FAILED', 'not-run': 'not run' }[result.outcome];
  const { tests } = result;
  const counts =
    tests === null
      ? ''
      : `  ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`;
  const reason = result.reason === '' ? '' : `  ${result.reason}`;
  const time = seconds(result.durationMs).padStart(8);
  return `${mark.padEnd(8)}${result.name.padEnd(13)}${time}${counts}${reason}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
